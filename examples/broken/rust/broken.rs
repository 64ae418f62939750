//! Nothing: only the tests of this package matter.
