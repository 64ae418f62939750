//! The answers to requests that run no command.

use lamex_protocol::event::{Body, CommandListed, Hello};
use lamex_protocol::plan::Plan;

use crate::spool::Sender;
use crate::verdict;

/// The events of a request that is refused.
pub fn refuse(hello: Hello, reason: String, sender: &Sender) {
    sender.event(Body::Hello(hello));
    sender.event(verdict::refused(reason));
}

/// The events of a `list` request.
pub fn list(hello: Hello, plan: &Plan, sender: &Sender) {
    sender.event(Body::Hello(hello));
    for (index, command) in plan.commands.iter().enumerate() {
        sender.event(Body::CommandListed(CommandListed {
            command: index as u64,
            name: command.name.clone(),
            tags: command.tags.clone(),
            destructive: command.destructive,
            parameters: command.parameters.keys().cloned().collect(),
        }));
    }
    sender.event(verdict::empty());
}
