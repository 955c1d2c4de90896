// Which of two versions is the newer one, as semantic versions have it: pure.

/** Above zero if `a` is newer. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [parts(a), parts(b)];
  for (let at = 0; at < 3; at += 1) {
    const by = (first.numbers[at] ?? 0) - (second.numbers[at] ?? 0);
    if (by !== 0) return by;
  }
  if (first.early === second.early) return 0;
  // A release comes after what led up to it.
  if (first.early === "" || second.early === "") return first.early === "" ? 1 : -1;
  return first.early.localeCompare(second.early, "en", { numeric: true });
}

export function newestVersionFirst<Each extends { plugin_version: string }>(all: readonly Each[]): Each[] {
  return [...all].sort((a, b) => compareVersions(b.plugin_version, a.plugin_version));
}

function parts(version: string) {
  const [core = "", ...early] = (version.split("+")[0] ?? "").split("-");
  return { numbers: core.split(".").map(Number), early: early.join("-") };
}
