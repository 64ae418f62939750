//! Names of environment variables that no parameter may declare or set.

/// Names that change what a program is, or which tests of it run; see [`is_reserved`].
const EXACT: &[&str] = &[
    // The search path, where files go, who is at home.
    "PATH",
    "HOME",
    "TMPDIR",
    "SHELL",
    "_HANDLER",
    // Shells.
    "IFS",
    "ENV",
    "BASHOPTS",
    "SHELLOPTS",
    "PS0",
    "PS1",
    "PS2",
    "PS3",
    "PS4",
    "PROMPT_COMMAND",
    "CDPATH",
    "GLOBIGNORE",
    "EXECIGNORE",
    "FPATH",
    "ZDOTDIR",
    // The C library: what it loads, and where it looks hosts up.
    "GLIBC_TUNABLES",
    "GCONV_PATH",
    "LOCPATH",
    "NLSPATH",
    "HOSTALIASES",
    "LOCALDOMAIN",
    "RESOLV_HOST_CONF",
    "NIS_PATH",
    "GETCONF_DIR",
    "MALLOC_TRACE",
    // OpenSSL's modules.
    "OPENSSL_CONF",
    "OPENSSL_CONF_INCLUDE",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
    // Languages.
    "NODE_PATH",
    "NODE_REPL_EXTERNAL_MODULE",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "NODE_V8_COVERAGE",
    "RUBYOPT",
    "RUBYLIB",
    "RUBYSHELL",
    "GEM_HOME",
    "GEM_PATH",
    "BUNDLE_GEMFILE",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "CLASSPATH",
    "AWKPATH",
    "AWKLIBPATH",
    "R_PROFILE",
    "R_PROFILE_USER",
    "R_ENVIRON",
    "R_ENVIRON_USER",
    "R_LIBS",
    // Go.
    "GODEBUG",
    "GOFLAGS",
    "GOTRACEBACK",
    "GOGC",
    "GOMAXPROCS",
    "GOMEMLIMIT",
    "GOCOVERDIR",
    "GORACE",
    "GOROOT",
    "GOPATH",
    "GOENV",
    "GOTOOLCHAIN",
    "GOEXPERIMENT",
    // What Bazel tells test frameworks: a filter, a shard, where results go.
    "TESTBRIDGE_TEST_ONLY",
    "TEST_TOTAL_SHARDS",
    "TEST_SHARD_INDEX",
    "TEST_SHARD_STATUS_FILE",
    "TEST_PREMATURE_EXIT_FILE",
    "XML_OUTPUT_FILE",
    // Programs that others start by these.
    "EDITOR",
    "VISUAL",
    "PAGER",
    "BROWSER",
    "LESSOPEN",
    "LESSCLOSE",
    "MAKEFLAGS",
    "MAKEFILES",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_ASKPASS",
    "SSH_ASKPASS",
    "GIT_EDITOR",
    "GIT_PAGER",
    "GIT_EXTERNAL_DIFF",
    "GIT_PROXY_COMMAND",
    "GIT_EXEC_PATH",
    "GIT_TEMPLATE_DIR",
];

const PREFIXES: &[&str] = &[
    "LD_",
    "AWS_",
    "LAMBDA_",
    "LAMEX_",
    "_X_AMZN_",
    "BASH_",
    "PYTHON",
    "PERL5",
    "PERLLIB",
    "PERL_",
    "LUA_INIT",
    "LUA_PATH",
    "LUA_CPATH",
    "DOTNET_",
    "CORECLR_",
    "COMPLUS_",
    "GTEST_",
    "RUST_TEST_",
    "__RUST_",
    "HARNESS_",
    "MALLOC_CHECK",
    "GIT_CONFIG",
];

/// Whether a caller could change what a program *is*, not what it is told, by setting this variable: the
/// search path, the loader, a language runtime's options, a test framework's choice of tests, the credentials,
/// Lambda's and lamex's own.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
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
            "NODE_PATH",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "PERL5OPT",
            "PERL5LIB",
            "PERLLIB",
            "RUBYOPT",
            "SHELLOPTS",
            "BASHOPTS",
            "BASH_ENV",
            "PS4",
            "PROMPT_COMMAND",
            "GTEST_FILTER",
            "GTEST_TOTAL_SHARDS",
            "GOFLAGS",
            "GOTRACEBACK",
            "GODEBUG",
            "RUST_TEST_THREADS",
            "RUST_TEST_SHUFFLE",
            "__RUST_TEST_INVOKE",
            "TESTBRIDGE_TEST_ONLY",
            "_JAVA_OPTIONS",
            "JAVA_TOOL_OPTIONS",
            "ASAN_OPTIONS",
            "LUA_INIT_5_4",
            "GIT_SSH_COMMAND",
            "GIT_CONFIG_COUNT",
            "ENV",
        ] {
            assert!(is_reserved(name), "{name}");
        }
        for name in [
            "BUILD_SHA",
            "ORDERS_ADDR",
            "PATHS",
            "OPTIONS_FILE",
            "HOMEPAGE",
            "XLD_",
            "NODE_ENV",
            "GIT_SHA",
            "GIT_COMMIT",
            "GOAL",
            "RUST_LOG",
            "RUST_BACKTRACE",
            "TZ",
            "LANG",
            "TEST_ID",
            "ENVIRONMENT",
            "SHELL_X",
        ] {
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
