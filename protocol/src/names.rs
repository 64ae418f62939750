//! Names of environment variables that no parameter may declare or set.

/// Whether a caller could change what a program *is*, not what it is told, by setting this variable: the
/// search path, the loader, a language runtime's options, the credentials, Lambda's and lamex's own.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    const EXACT: [&str; 9] =
        ["PATH", "HOME", "TMPDIR", "IFS", "ENV", "BASH_ENV", "GLIBC_TUNABLES", "GODEBUG", "_HANDLER"];
    const PREFIXES: [&str; 4] = ["LD_", "AWS_", "LAMBDA_", "LAMEX_"];
    EXACT.contains(&name)
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || name.ends_with("_OPTIONS")
}

/// Whether the name can be an environment variable's and stand in `${NAME}`: `[A-Za-z_][A-Za-z0-9_]*`.
#[must_use]
pub fn is_variable_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_a_program_is_reserved() {
        for name in [
            "PATH",
            "LD_PRELOAD",
            "AWS_REGION",
            "LAMBDA_TASK_ROOT",
            "LAMEX_ALLOW_DESTRUCTIVE",
            "NODE_OPTIONS",
        ] {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["BUILD_SHA", "ORDERS_ADDR", "PATHS", "OPTIONS_FILE", "HOMEPAGE", "XLD_"] {
            assert!(!is_reserved(name), "{name}");
        }
    }

    #[test]
    fn variable_names() {
        assert!(is_variable_name("A_1") && is_variable_name("_x"));
        assert!(
            !is_variable_name("")
                && !is_variable_name("1A")
                && !is_variable_name("A-B")
                && !is_variable_name("Ä")
        );
    }
}
