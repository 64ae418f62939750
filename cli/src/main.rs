//! `lamex-ctl`.

use lamex_ctl::exit::Exit;

fn main() -> Exit {
    lamex_ctl::commands::run()
}
