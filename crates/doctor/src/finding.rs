//! What doctor says: one finding a check.

use serde::Serialize;

macro_rules! checks {
    ($($variant:ident $name:literal,)*) => {
        /// A check, by the name that reports and docs/doctor.md use.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum Check {
            $(#[serde(rename = $name)] $variant,)*
        }

        impl Check {
            /// Every check, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As it is written in reports.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

checks! {
    CallerAccount "caller.account",
    CallerPermissions "caller.permissions",
    FunctionExists "function.exists",
    FunctionQualifier "function.qualifier",
    FunctionState "function.state",
    FunctionUpdate "function.update",
    FunctionRuntime "function.runtime",
    FunctionArchitecture "function.architecture",
    FunctionLive "function.live",
    FunctionPackage "function.package",
    PackageFresh "package.fresh",
    FunctionLimits "function.limits",
    FunctionVariables "function.variables",
    FunctionVariablesSize "function.variables.size",
    FunctionDestructive "function.destructive",
    FunctionVpc "function.vpc",
    RoleExists "role.exists",
    RoleTrust "role.trust",
    RoleActions "role.actions",
    RoleStatements "role.statements",
    RoleDeny "role.deny",
    VpcExists "vpc.exists",
    VpcDns "vpc.dns",
    SubnetExists "subnet.exists",
    SubnetAddresses "subnet.addresses",
    SubnetZones "subnet.zones",
    SubnetRoutes "subnet.routes",
    InsideProbe "inside.probe",
    InsideTmp "inside.tmp",
    InsideClock "inside.clock",
    InsideVariables "inside.variables",
    TargetName "target.name",
    TargetEgress "target.egress",
    TargetIngress "target.ingress",
    TargetRoute "target.route",
    TargetAcl "target.acl",
    TargetEndpoint "target.endpoint",
    TargetPath "target.path",
    TargetConnection "target.connection",
    TargetAnswer "target.answer",
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Ok,
    /// It could not be looked at.
    Unknown,
    /// It may be meant, or will be a problem one day.
    Warning,
    /// Tests fail because of it, or do not run.
    Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub check: Check,
    /// The target under `reach`, the subnet or the variable that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    pub level: Level,
    /// What was seen, in a sentence.
    pub saw: String,
    /// The ids of the AWS resources that it concerns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Why it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What to do, one way a line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Fix>,
}

/// One way to fix it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    pub with: Tool,
    /// A command or a snippet, which may have several lines.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Tool {
    /// In plain words.
    #[serde(rename = "words")]
    Words,
    #[serde(rename = "lamex.yaml")]
    LamexYaml,
    #[serde(rename = "lamex-ctl")]
    LamexCtl,
    #[serde(rename = "terraform")]
    Terraform,
    #[serde(rename = "cdk")]
    Cdk,
    #[serde(rename = "aws")]
    Aws,
}

impl Tool {
    /// What stands before the text for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Words => "",
            Self::LamexYaml => "lamex.yaml",
            Self::LamexCtl => "lamex-ctl",
            Self::Terraform => "Terraform",
            Self::Cdk => "CDK",
            Self::Aws => "AWS CLI",
        }
    }
}

impl Finding {
    pub fn ok(check: Check, saw: impl Into<String>) -> Self {
        Self::new(check, Level::Ok, saw)
    }

    pub fn warning(check: Check, saw: impl Into<String>) -> Self {
        Self::new(check, Level::Warning, saw)
    }

    pub fn problem(check: Check, saw: impl Into<String>) -> Self {
        Self::new(check, Level::Problem, saw)
    }

    pub fn unknown(check: Check, saw: impl Into<String>) -> Self {
        Self::new(check, Level::Unknown, saw)
    }

    /// What AWS would not say, with the permission that is missing.
    pub fn unseen(check: Check, unseen: &lamex_network::model::Unseen) -> Self {
        let finding = Self::unknown(check, format!("unknown: {unseen}"));
        if unseen.action.is_empty() {
            return finding;
        }
        finding.fix(Tool::Words, format!("allow the caller `{}`", unseen.action))
    }

    fn new(check: Check, level: Level, saw: impl Into<String>) -> Self {
        let (subject, resources, why, fixes) = (None, Vec::new(), None, Vec::new());
        Self { check, subject, level, saw: saw.into(), resources, why, fixes }
    }

    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    pub fn resources<Id: Into<String>>(mut self, ids: impl IntoIterator<Item = Id>) -> Self {
        self.resources.extend(ids.into_iter().map(Into::into));
        self
    }

    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    pub fn fix(mut self, with: Tool, text: impl Into<String>) -> Self {
        self.fixes.push(Fix { with, text: text.into() });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_documented() {
        let page = include_str!("../../../docs/doctor.md");
        let documented: Vec<_> =
            page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        let names: Vec<_> = Check::ALL.iter().map(|check| check.name()).collect();
        assert_eq!(documented, names, "docs/doctor.md lists the checks in the order of this enum");
    }
}
