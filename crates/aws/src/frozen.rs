//! What a version freezes of a function's configuration: the one list of the settings that are compared.

use std::collections::BTreeMap;

use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;

/// The settings by their names in the API, beside code and variables. Empty is what Lambda takes where nothing
/// is said. What Lambda adds to one of these later is compared as well.
pub(super) fn settings_of(output: &GetFunctionConfigurationOutput) -> BTreeMap<&'static str, String> {
    let network = output.vpc_config();
    let architectures: Vec<&str> = output.architectures().iter().map(|item| item.as_str()).collect();
    let layers: Vec<&str> = output.layers().iter().filter_map(|layer| layer.arn()).collect();
    let file_systems = output.file_system_configs().iter().map(|system| format!("{system:?}"));
    let storage = output.ephemeral_storage().map(|storage| storage.size());
    let queue = output.dead_letter_config().and_then(|queue| queue.target_arn());
    let is_dual_stack = network.and_then(|network| network.ipv6_allowed_for_dual_stack());
    let image = output.image_config_response().and_then(|image| image.image_config());
    // How far a snapshot is differs between `$LATEST` and a version; whether there is to be one does not.
    let snap_start = output.snap_start().and_then(|snap_start| snap_start.apply_on());
    let snap_start = snap_start.map(|when| when.as_str()).filter(|when| *when != "None");
    let tracing = output.tracing_config().and_then(|tracing| tracing.mode());
    let tracing = tracing.map(|mode| mode.as_str()).filter(|mode| *mode != "PassThrough");
    BTreeMap::from([
        ("Architectures", architectures.join(",")),
        ("CapacityProviderConfig", shown(output.capacity_provider_config())),
        ("DeadLetterConfig", queue.unwrap_or_default().to_owned()),
        ("DurableConfig", shown(output.durable_config())),
        ("EphemeralStorage", text(storage)),
        ("FileSystemConfigs", sorted(file_systems)),
        ("Handler", text(output.handler())),
        ("ImageConfig", shown(image)),
        ("Ipv6AllowedForDualStack", is_dual_stack.unwrap_or_default().to_string()),
        ("KMSKeyArn", text(output.kms_key_arn())),
        // Their order says whose files win.
        ("Layers", layers.join(",")),
        ("LoggingConfig", shown(output.logging_config())),
        ("MemorySize", text(output.memory_size())),
        ("PackageType", text(output.package_type().map(|kind| kind.as_str()))),
        ("Role", text(output.role())),
        ("Runtime", text(output.runtime().map(|runtime| runtime.as_str()))),
        ("SecurityGroupIds", sorted(network.into_iter().flat_map(|network| network.security_group_ids()))),
        ("SnapStart", text(snap_start)),
        ("SubnetIds", sorted(network.into_iter().flat_map(|network| network.subnet_ids()))),
        ("TenancyConfig", shown(output.tenancy_config())),
        ("Timeout", text(output.timeout())),
        ("TracingConfig", text(tracing)),
    ])
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// All fields of a structure, those of a newer SDK too.
fn shown(value: Option<&impl std::fmt::Debug>) -> String {
    value.map(|value| format!("{value:?}")).unwrap_or_default()
}

fn sorted(items: impl Iterator<Item = impl ToString>) -> String {
    let mut items: Vec<String> = items.map(|item| item.to_string()).collect();
    items.sort_unstable();
    items.join(",")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use aws_sdk_lambda::types::{
        DeadLetterConfig, DurableConfig, FileSystemConfig, Layer, LoggingConfig, SnapStartApplyOn,
        SnapStartOptimizationStatus, SnapStartResponse, TracingConfigResponse, TracingMode,
        VpcConfigResponse,
    };

    use super::*;

    /// What is compared, by the SDK's names: as settings above, or as the code and the variables.
    const FROZEN: [&str; 22] = [
        "architectures",
        "capacity_provider_config",
        "code_sha256",
        "dead_letter_config",
        "durable_config",
        "environment",
        "ephemeral_storage",
        "file_system_configs",
        "handler",
        "image_config_response",
        "kms_key_arn",
        "layers",
        "logging_config",
        "memory_size",
        "package_type",
        "role",
        "runtime",
        "snap_start",
        "tenancy_config",
        "timeout",
        "tracing_config",
        "vpc_config",
    ];

    /// What is not compared, and why.
    const OTHERS: [(&str, &str); 19] = [
        ("_request_id", "of the answer"),
        ("code_size", "follows from the code"),
        ("config_sha256", "a digest, which says that something differs and not what"),
        ("description", "written by `deploy` for each version"),
        ("function_arn", "a name, with the qualifier"),
        ("function_name", "a name"),
        ("last_modified", "a time"),
        ("last_update_status", "a state"),
        ("last_update_status_reason", "a state"),
        ("last_update_status_reason_code", "a state"),
        ("master_arn", "a name, of Lambda@Edge"),
        ("revision_id", "changes with the state too"),
        ("runtime_version_config", "set for each version, and by AWS when it patches the runtime"),
        ("signing_job_arn", "of the code, which has a digest"),
        ("signing_profile_version_arn", "of the code, which has a digest"),
        ("state", "a state"),
        ("state_reason", "a state"),
        ("state_reason_code", "a state"),
        ("version", "the number itself"),
    ];

    /// The fields of a structure, as its `Debug` shows them.
    fn fields(debug: &str) -> BTreeSet<String> {
        let (_, fields) = debug.split_once(" { ").unwrap();
        let fields = fields.trim_end_matches(" }").split(", ").map(|field| field.split_once(": ").unwrap());
        fields.map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn every_field_that_the_sdk_knows_is_compared_or_known_not_to_be() {
        let known = |name: &str| {
            FROZEN.contains(&name)
                || OTHERS.iter().any(|(other, reason)| *other == name && !reason.is_empty())
        };
        let empty = GetFunctionConfigurationOutput::builder().build();
        let fields = fields(&format!("{empty:?}"));
        assert!(fields.len() > 30, "{fields:?}");
        let unsorted: Vec<_> = fields.iter().filter(|name| !known(name)).collect();
        assert!(unsorted.is_empty(), "add these to `settings_of` or to the others: {unsorted:?}");
        let gone: Vec<_> = FROZEN.iter().filter(|name| !fields.contains(**name)).collect();
        assert!(gone.is_empty(), "the SDK has these no more: {gone:?}");
    }

    #[test]
    fn every_field_of_a_network_is_compared_or_known_not_to_be() {
        let fields = fields(&format!("{:?}", VpcConfigResponse::builder().build()));
        let known = ["ipv6_allowed_for_dual_stack", "security_group_ids", "subnet_ids", "vpc_id"];
        assert_eq!(fields, known.into_iter().map(str::to_owned).collect());
    }

    #[test]
    fn every_setting_makes_a_difference() {
        let plain = settings_of(&GetFunctionConfigurationOutput::builder().build());
        let output = GetFunctionConfigurationOutput::builder;
        let file_system = FileSystemConfig::builder().arn("arn:efs").local_mount_path("/mnt/data").build();
        let network = VpcConfigResponse::builder().ipv6_allowed_for_dual_stack(true).build();
        let snap_start = SnapStartResponse::builder().apply_on(SnapStartApplyOn::PublishedVersions).build();
        let changed = [
            (
                "DeadLetterConfig",
                output().dead_letter_config(DeadLetterConfig::builder().target_arn("a").build()),
            ),
            ("DurableConfig", output().durable_config(DurableConfig::builder().execution_timeout(1).build())),
            ("FileSystemConfigs", output().file_system_configs(file_system.unwrap())),
            ("Ipv6AllowedForDualStack", output().vpc_config(network)),
            ("KMSKeyArn", output().kms_key_arn("arn:kms")),
            ("Layers", output().layers(Layer::builder().arn("arn:layer:1").build())),
            ("LoggingConfig", output().logging_config(LoggingConfig::builder().log_group("g").build())),
            ("SnapStart", output().snap_start(snap_start)),
            (
                "TracingConfig",
                output().tracing_config(TracingConfigResponse::builder().mode(TracingMode::Active).build()),
            ),
        ];
        for (name, output) in changed {
            let settings = settings_of(&output.build());
            let differing: Vec<_> = settings.iter().filter(|(name, value)| plain[*name] != **value).collect();
            assert_eq!(differing.iter().map(|(name, _)| **name).collect::<Vec<_>>(), [name]);
        }
    }

    #[test]
    fn what_lambda_says_otherwise_of_the_same_is_no_difference() {
        let plain = settings_of(&GetFunctionConfigurationOutput::builder().build());
        let off = SnapStartResponse::builder()
            .apply_on(SnapStartApplyOn::None)
            .optimization_status(SnapStartOptimizationStatus::Off);
        let detached = VpcConfigResponse::builder().vpc_id("").ipv6_allowed_for_dual_stack(false);
        let tracing = TracingConfigResponse::builder().mode(TracingMode::PassThrough);
        let said = GetFunctionConfigurationOutput::builder()
            .snap_start(off.build())
            .vpc_config(detached.build())
            .tracing_config(tracing.build())
            .dead_letter_config(DeadLetterConfig::builder().build())
            .build();
        assert_eq!(settings_of(&said), plain);
    }
}
