//! lamex.yaml: read, checked and resolved once into typed values.
//!
//! The way of a file: [`yaml`] (text to nodes with places) -> [`merge`] (`defaults:` under every
//! environment) -> [`read`] and [`file`] (nodes to what the file may say) -> [`commands`] and
//! [`environments`] (to the [`model`]). Every stage notes problems with their places and goes on, so that
//! one run shows all of them. Nothing after [`load`] sees YAML.
//!
//! Terraform (`yamldecode`) and CDK (the npm package `yaml`) read the same file raw. The three differ on
//! scalars without quotes (`yes`, `012`, dates), so those are refused here wherever text is wanted; see
//! [`plain`].

mod addresses;
mod cidr;
mod command_line;
mod commands;
mod defaults;
mod describe;
mod duration;
mod environments;
mod error;
mod file;
mod load;
mod merge;
mod model;
mod nearby;
mod needs;
mod plain;
mod problem;
mod read;
mod scalar_places;
mod scalars;
mod schedule;
mod schema;
mod spelling;
mod variables;
mod yaml;

pub use addresses::warnings as address_warnings;
pub use describe::{Values, describe, document};
pub use duration::parse as parse_duration;
pub use error::ConfigError;
pub use load::load;
pub use model::{
    Access, Architecture, Check, Command, Config, DEFAULT_FILE_NAME, Effect, Environment, Include,
    InvokeMode, LOCAL, Lambda, Protocol, Reach, Role, Statement, Target, Vpc,
};
pub use needs::{Given, file_patterns, problems as environment_problems, problems_anywhere};
pub use problem::Invalid;
pub use problem::{Problem, Span};
pub use read::nearest;
pub use schema::schema;
pub use variables::is_always_set;
