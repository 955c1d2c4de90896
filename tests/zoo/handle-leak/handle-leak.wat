;; Makes a thousand handles at its start, and drops none of them.
(component
  (type $thing (resource (rep i32)))
  (core func $new (canon resource.new $thing))
  (core module $main
    (import "things" "new" (func $new (param i32) (result i32)))
    (func $start (local $n i32)
      (loop $again
        (drop (call $new (local.get $n)))
        (br_if $again (i32.lt_u
          (local.tee $n (i32.add (local.get $n) (i32.const 1)))
          (i32.const 1000)))))
    (start $start)
    (func (export "route") (result i32) i32.const 7))
  (core instance $things (export "new" (func $new)))
  (core instance $main (instantiate $main (with "things" (instance $things))))
  (func $route (result u32) (canon lift (core func $main "route")))
  (instance $router (export "route" (func $route)))
  (export "deskbell:routing/router@0.1.0" (instance $router))
  (@custom "deskbell:manifest" "id = \"handle-leak\"\0aname = \"Handle leak\"\0aversion = \"0.1.0\"\0apublisher = \"Deskbell tests\"\0a")
)
