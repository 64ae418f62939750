//! The real `lamex-ctl doctor` on an AWS of this machine: in order, and broken one way at a time.

mod broken;
mod inside;
mod project;
mod services;
