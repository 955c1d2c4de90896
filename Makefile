# The commands of this repository. `make run` starts Deskbell with demo data,
# `make test` runs every check; both install what they need.
#
# One profile (dev) for all of them, and always the whole workspace, so that a
# dependency gets the same features everywhere and is compiled once to run and
# to test, and once more, without code, for the lints.

CARGO ?= cargo
DESKBELL = $${CARGO_TARGET_DIR:-target}/debug/deskbell

.PHONY: run test check fmt lint torture planted bench plugins web gen clean setup fmt-check supply-chain build cargo-test e2e
.NOTPARALLEL:

# Start Deskbell on http://127.0.0.1:8080 with demo data in ./data.
run: ; @scripts/setup run && scripts/web-build && scripts/plugins && $(CARGO) build --locked --workspace --bins && exec $(DESKBELL) serve --demo

# Everything a change must pass, the cheap checks first.
test: check ; scripts/with-servers $(MAKE) --no-print-directory cargo-test e2e

# What needs no servers: format, lints, web checks, supply chain.
check: setup fmt-check web plugins lint supply-chain

fmt: ; $(CARGO) fmt --all && $(CARGO) fmt --all --manifest-path plugins/Cargo.toml && npm --prefix web run format

lint: ; $(CARGO) clippy --locked --workspace --all-targets -- --deny warnings && $(CARGO) clippy --locked --workspace --all-targets --manifest-path plugins/Cargo.toml -- --deny warnings

# The kill test, with 5,000 kills instead of 200.
torture: setup web build ; DESKBELL_KILLS=5000 scripts/with-servers $(CARGO) test --locked --workspace --test it kill -- --nocapture

# Take out each mechanism of docs/plugins/limits.md in a copy of the tree and see its
# tests fail; ONLY="breaker cards" for those whose names hold one of these words.
planted: setup web build ; scripts/with-servers $${CARGO_TARGET_DIR:-target}/debug/planted $(ONLY)

# Measure the release build and write bench/results/; ONLY="e2e start" for some.
bench: setup ; scripts/web-build && scripts/plugins && $(CARGO) build --release --locked --workspace --bins && scripts/bench $(ONLY)

# Build the plugins that come with Deskbell into plugins/dist, and test them.
plugins: ; scripts/plugins && $(CARGO) test --locked --workspace --manifest-path plugins/Cargo.toml

# Lint, types, unit tests, build and size budgets of the web pages.
web: ; scripts/web-build && npm --prefix web run check

# Files made from the code and committed: API description, events, types.
gen: ; scripts/gen

clean: ; $(CARGO) clean && rm -rf plugins/target plugins/dist tests/zoo/target tests/zoo/dist web/node_modules web/apps/*/dist

# Steps of the above.
setup: ; @scripts/setup test
fmt-check: ; $(CARGO) fmt --all --check && $(CARGO) fmt --all --check --manifest-path plugins/Cargo.toml
supply-chain: ; scripts/supply-chain
build: ; scripts/plugins && scripts/plugins zoo && $(CARGO) build --locked --workspace --bins
cargo-test: build ; $(CARGO) test --locked --workspace --no-fail-fast
e2e: ; npm --prefix web run e2e
