//! A function and its alias, created as Terraform and CDK do.

use std::path::Path;
use std::thread;
use std::time::Duration;

use lamex_testing::ministack::{ACCOUNT, call};
use serde_json::{Value, json};

/// A function that no other test uses, at first with the placeholder package.
pub(crate) struct Function {
    pub(crate) name: &'static str,
}

impl Function {
    pub(crate) fn create(name: &'static str) -> Self {
        Self::create_without_alias(name, 60).with_alias()
    }

    pub(crate) fn create_with_timeout(name: &'static str, timeout_s: u32) -> Self {
        Self::create_without_alias(name, timeout_s).with_alias()
    }

    pub(crate) fn create_without_alias(name: &'static str, timeout_s: u32) -> Self {
        let placeholder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../provision/placeholder/placeholder.zip");
        let function = Self { name };
        function.call(
            "create_function",
            json!({
                "Runtime": "provided.al2023",
                "Handler": "bootstrap",
                "Role": format!("arn:aws:iam::{ACCOUNT}:role/system-tests"),
                "Architectures": [if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }],
                "Code": { "ZipFile": { "file": placeholder } },
                "Timeout": timeout_s,
                "MemorySize": 512,
            }),
        );
        function.wait_until_active();
        function
    }

    fn with_alias(self) -> Self {
        self.call("create_alias", json!({ "Name": "live", "FunctionVersion": "$LATEST" }));
        self
    }

    /// One call of boto3 about this function, which must succeed.
    #[track_caller]
    pub(crate) fn call(&self, operation: &str, mut arguments: Value) -> Value {
        arguments["FunctionName"] = self.name.into();
        call("lambda", operation, arguments).unwrap()
    }

    /// Gives the function these variables, as the next `terraform apply` would.
    pub(crate) fn set_variables(&self, variables: Value) {
        self.call("update_function_configuration", json!({ "Environment": { "Variables": variables } }));
        self.wait_until_active();
    }

    fn wait_until_active(&self) {
        loop {
            let configuration = self.configuration("$LATEST");
            if configuration["State"] == "Active" && configuration["LastUpdateStatus"] == "Successful" {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn configuration(&self, version: &str) -> Value {
        self.call("get_function_configuration", json!({ "Qualifier": version }))
    }

    pub(crate) fn code_sha256(&self, version: &str) -> String {
        self.configuration(version)["CodeSha256"].as_str().unwrap().to_owned()
    }

    /// Which version the alias points at.
    pub(crate) fn live(&self) -> String {
        self.alias()["FunctionVersion"].as_str().unwrap().to_owned()
    }

    pub(crate) fn alias(&self) -> Value {
        self.call("get_alias", json!({ "Name": "live" }))
    }

    /// The numbers of its versions.
    pub(crate) fn versions(&self) -> Vec<String> {
        let answer = self.call("list_versions_by_function", json!({}));
        let versions = answer["Versions"].as_array().unwrap().iter();
        let numbers = versions.map(|version| version["Version"].as_str().unwrap().to_owned());
        numbers.filter(|number| number != "$LATEST").collect()
    }

    /// Everything that a deployment could change.
    pub(crate) fn everything(&self) -> Value {
        json!([self.configuration("$LATEST"), self.alias(), self.versions()])
    }
}
