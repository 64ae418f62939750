//! Values of flags with a few words to choose from.

use clap::ValueEnum;
use lamex_init::CiSystem;
use lamex_report::colors::ColorChoice;

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum ColorArg {
    /// On a terminal, unless the environment says otherwise
    #[default]
    Auto,
    Always,
    Never,
}

impl From<ColorArg> for ColorChoice {
    fn from(arg: ColorArg) -> Self {
        match arg {
            ColorArg::Auto => Self::Auto,
            ColorArg::Always => Self::Always,
            ColorArg::Never => Self::Never,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum CiArg {
    Github,
    Gitlab,
}

impl From<CiArg> for CiSystem {
    fn from(arg: CiArg) -> Self {
        match arg {
            CiArg::Github => Self::Github,
            CiArg::Gitlab => Self::Gitlab,
        }
    }
}
