//! lamex-ctl and the runner as their users have them: two real binaries, a local Lambda between them, and no
//! word of trust that is not earned.

mod choices;
mod config;
mod confinement;
mod credentials;
mod examples;
mod interrupts;
mod output;
mod phases;
mod processes;
mod programs;
mod reports;
mod runners;
mod serve;
mod terminal;
mod unbuilt;
mod usage;
