//! A component that is small and takes a compiler long: one function
//! in which everything may follow on everything. Tests include this file.

/// The more steps, the longer.
pub(crate) fn bomb(steps: usize) -> Vec<u8> {
    // Each local is alive in each block: what lives where is worked out for all.
    let locals: String = (0..200).map(|_| "(local i64)").collect();
    let step = |n: usize| {
        let (to, from, other) = (n % 200, (n * 7 + 1) % 200, (n * 13 + 5) % 200);
        format!(
            "(local.set {to} (i64.add (local.get {from}) (i64.mul (local.get {other}) (i64.const {n}))))
             (br_if $again (i64.eqz (local.get {to})))"
        )
    };
    let body: String = (0..steps).map(step).collect();
    let function = format!("(func {locals} (loop $again {body}))");
    let text = format!(
        r#"(component
            (core module $main {function} (func (export "route") (result i32) i32.const 7))
            (core instance $main (instantiate $main))
            (func $route (result u32) (canon lift (core func $main "route")))
            (instance $router (export "route" (func $route)))
            (export "deskbell:routing/router@0.1.0" (instance $router))
            (@custom "deskbell:manifest" "id = \"slow-compile\"\0aname = \"Slow compile\"\0aversion = \"0.1.0\"\0apublisher = \"Deskbell tests\"\0a"))"#
    );
    wat::parse_str(&text).expect("a component")
}
