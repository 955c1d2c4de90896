//! The plugin `order-variables`: an order's status in a saved reply.
//!
//! The order's number comes from the conversation's attributes, the order itself
//! from the shop's order API if one is configured, else from the plugin's own
//! configuration. What it does not know it leaves out, and the agent sees which
//! names are missing.

mod api;

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
    /// With `{order_id}` in it.
    #[serde(default)]
    api_url: String,
}

#[derive(Deserialize)]
struct Order {
    order_id: String,
    #[serde(flatten)]
    known: Known,
}

/// What there is to know of an order.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
struct Known {
    status: Option<String>,
    eta: Option<String>,
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
        let found = match config.api_url.is_empty() {
            false => api::ask(&config.api_url, &number)?,
            true => listed(config.orders, &number),
        };
        let Some(order) = found else {
            return Ok(values);
        };
        let known = [
            ("order.status", order.status),
            ("order.eta", order.eta),
            ("order.carrier", order.carrier),
        ];
        for (name, text) in known {
            if let Some(text) = text.filter(|text| request.wants(name) && !text.is_empty()) {
                values.set(name, text);
            }
        }
        Ok(values)
    }
}

fn listed(orders: Vec<Order>, number: &str) -> Option<Known> {
    let found = orders.into_iter().find(|order| is(order, number));
    if found.is_none() {
        log::info("The configuration has no order of this number.");
    }
    found.map(|order| order.known)
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
