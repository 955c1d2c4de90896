;; Traps before anything of it was called.
(component
  (core module $main
    (func $start unreachable)
    (start $start)
    (func (export "route") (result i32) i32.const 7))
  (core instance $main (instantiate $main))
  (func $route (result u32) (canon lift (core func $main "route")))
  (instance $router (export "route" (func $route)))
  (export "deskbell:routing/router@0.1.0" (instance $router))
  (@custom "deskbell:manifest" "id = \"trap-in-start\"\0aname = \"Trap in start\"\0aversion = \"0.1.0\"\0apublisher = \"Deskbell tests\"\0a")
)
