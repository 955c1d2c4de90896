//! The plugin `order-variables`: an order's status in a saved reply.
//!
//! The order's number comes from the conversation's attributes, the order itself
//! from the plugin's own configuration. What it does not know it leaves out, and
//! the agent sees which names are missing.

#[cfg(test)]
mod tests;

use deskbell_plugin_api::variables::{Definition, Request, Values};
use deskbell_plugin_api::{Call, HookError, Variables, config, export_variables, log};
use serde::Deserialize;

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    orders: Vec<Order>,
    #[serde(default = "order_id")]
    attribute: String,
}

#[derive(Deserialize)]
struct Order {
    order_id: String,
    status: String,
    eta: String,
    carrier: Option<String>,
}

/// As the manifest's schema has it.
fn order_id() -> String {
    "order_id".to_owned()
}

struct OrderVariables;

impl Variables for OrderVariables {
    fn definitions() -> Vec<Definition> {
        vec![
            Definition::new(
                "order.status",
                "Where the order is, such as \"on its way\".",
            ),
            Definition::new("order.eta", "When it arrives, such as \"on Friday\"."),
            Definition::new("order.carrier", "Who brings it."),
        ]
    }

    fn resolve(_: &Call, request: Request) -> Result<Values, HookError> {
        let config: Config = config::get()?;
        refuse_doubles(&config.orders)?;
        let mut values = Values::new();
        let attribute = &config.attribute;
        let Some(number) = request.conversation.attributes.text(attribute) else {
            log::info(format!("This conversation has no attribute {attribute}."));
            return Ok(values);
        };
        let Some(order) = config.orders.iter().find(|order| is(order, &number)) else {
            log::info("The configuration has no order of this number.");
            return Ok(values);
        };
        let known = [
            ("order.status", Some(&order.status)),
            ("order.eta", Some(&order.eta)),
            ("order.carrier", order.carrier.as_ref()),
        ];
        for (name, text) in known {
            if let Some(text) = text.filter(|_| request.wants(name)) {
                values.set(name, text);
            }
        }
        Ok(values)
    }
}

fn is(order: &Order, number: &str) -> bool {
    order.order_id.trim().eq_ignore_ascii_case(number.trim())
}

/// Two orders of one number: whichever we took, it might be the wrong one.
fn refuse_doubles(orders: &[Order]) -> Result<(), HookError> {
    for (at, order) in orders.iter().enumerate() {
        if orders[..at].iter().any(|other| is(other, &order.order_id)) {
            let number = &order.order_id;
            let text = format!("There are two orders with the number {number}.");
            return Err(HookError::InvalidConfig(text));
        }
    }
    Ok(())
}

export_variables!(OrderVariables);
