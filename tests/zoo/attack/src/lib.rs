//! What the attacks share: each is one function, and is the plugin's answer in
//! every hook. It returns what it got away with; most never return.

#[doc(hidden)]
pub use deskbell_plugin_api as api;

/// Makes `fn attack(&Call) -> String` the plugin's answer in every hook.
#[macro_export]
macro_rules! everywhere {
    ($attack:ident) => {
        const _: () = {
            use $crate::api::bot::{self, Reply};
            use $crate::api::context::{self, Card};
            use $crate::api::events::{Effects, Event};
            use $crate::api::filter;
            use $crate::api::routing::{self, Decision};
            use $crate::api::variables::{self, Definition, Values};
            use $crate::api::{Bot, Call, Context, Events, Filter, HookError, Router, Variables};

            pub struct Attack;

            impl Router for Attack {
                fn route(call: &Call, _: routing::Request) -> Result<Decision, HookError> {
                    Ok(Decision::no_opinion().because($attack(call)))
                }
            }

            impl Variables for Attack {
                fn definitions() -> Vec<Definition> {
                    vec![Definition::new("zoo.attack", "What it got away with.")]
                }

                fn resolve(call: &Call, _: variables::Request) -> Result<Values, HookError> {
                    let mut values = Values::new();
                    values.set("zoo.attack", $attack(call));
                    Ok(values)
                }
            }

            impl Filter for Attack {
                fn filter(call: &Call, _: filter::Request) -> Result<filter::Decision, HookError> {
                    Ok(filter::Decision::allow().because($attack(call)))
                }
            }

            impl Bot for Attack {
                fn on_event(call: &Call, _: bot::Request) -> Result<Reply, HookError> {
                    Ok(Reply::new().say($attack(call)))
                }
            }

            impl Events for Attack {
                fn on_event(call: &Call, _: Event) -> Result<Effects, HookError> {
                    Ok(Effects::none().add_note($attack(call)))
                }
            }

            impl Context for Attack {
                fn lookup(call: &Call, _: context::Request) -> Result<Vec<Card>, HookError> {
                    Ok(vec![Card::new($attack(call))])
                }
            }

            $crate::api::export_router!(Attack);
            $crate::api::export_variables!(Attack);
            $crate::api::export_filter!(Attack);
            $crate::api::export_bot!(Attack);
            $crate::api::export_events!(Attack);
            $crate::api::export_context!(Attack);
        };
    };
}
