//! `lamex-ctl`.

use lamex_run::Exit;

fn main() -> Exit {
    lamex_ctl::commands::run()
}
