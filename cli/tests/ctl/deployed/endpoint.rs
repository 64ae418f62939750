//! An endpoint that says of a function whatever a test wants: what is deployed, and what it answers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use lamex_protocol::event::{
    Body, CommandFinished, CommandOutcome, CommandStarted, Counts, Ending, Event, Hello, Missing, Verdict,
    VerdictOutcome, write_line,
};
use lamex_protocol::plan::Plan;
use serde_json::{Value, json};

/// What it says.
pub(crate) struct Story {
    pub(crate) account: &'static str,
    /// By qualifier, as `GetFunctionConfiguration` has it.
    pub(crate) configurations: Vec<(&'static str, Value)>,
    /// The version that `live` leads to, and those that get a part of it; `None` if nobody may know.
    pub(crate) alias: Option<(&'static str, Vec<&'static str>)>,
    /// The package, version and commands of the answer.
    pub(crate) digest: String,
    pub(crate) version: &'static str,
    pub(crate) commands: Vec<(u64, &'static str)>,
}

/// An endpoint that is there for as long as this process lives.
pub(crate) struct Endpoint {
    pub(crate) url: String,
    invocations: Arc<Mutex<usize>>,
}

impl Endpoint {
    pub(crate) fn tell(story: Story) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let invocations = Arc::new(Mutex::new(0));
        let (story, counted) = (Arc::new(story), Arc::clone(&invocations));
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, story, counted) = (client.unwrap(), Arc::clone(&story), Arc::clone(&counted));
                thread::spawn(move || serve(client, &story, &counted));
            }
        });
        Self { url, invocations }
    }

    /// How often the function was invoked.
    pub(crate) fn invocations(&self) -> usize {
        *self.invocations.lock().unwrap()
    }
}

/// One request a connection.
fn serve(client: TcpStream, story: &Story, invocations: &Mutex<usize>) {
    let mut client = BufReader::new(client);
    let mut line = String::new();
    let mut length = 0;
    let mut head = String::new();
    while client.read_line(&mut line).unwrap_or_default() > 0 && line.trim_end() != "" {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
        line.clear();
    }
    let mut body = Vec::new();
    client.by_ref().take(length).read_to_end(&mut body).unwrap();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let answer = answer(story, &path, &body, invocations);
    let (status, error) = match &answer {
        Ok(_) => ("200 OK", String::new()),
        Err(code) => ("403 Forbidden", format!("x-amzn-errortype: {code}\r\n")),
    };
    let answer = answer.unwrap_or_else(|_| br#"{"message":"you are not authorized to do this"}"#.to_vec());
    let length = answer.len();
    let head = format!("HTTP/1.1 {status}\r\n{error}content-length: {length}\r\nconnection: close\r\n\r\n");
    // Whoever asked may have gone.
    let _ = client.get_mut().write_all(head.as_bytes());
    let _ = client.get_mut().write_all(&answer);
}

/// The body, or the code of an error.
fn answer(
    story: &Story,
    path: &str,
    body: &[u8],
    invocations: &Mutex<usize>,
) -> Result<Vec<u8>, &'static str> {
    const DENIED: &str = "AccessDeniedException";
    if path == "/" {
        let account = story.account;
        let xml = format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
             <Arn>arn:aws:iam::{account}:root</Arn><UserId>{account}</UserId><Account>{account}</Account>\
             </GetCallerIdentityResult></GetCallerIdentityResponse>"
        );
        return Ok(xml.into_bytes());
    }
    if path.contains("/aliases/") {
        let (version, others) = story.alias.as_ref().ok_or(DENIED)?;
        let weights: serde_json::Map<_, _> =
            others.iter().map(|version| ((*version).to_owned(), json!(0.1))).collect();
        let alias = json!({
            "Name": "live", "FunctionVersion": version, "RevisionId": "1",
            "RoutingConfig": { "AdditionalVersionWeights": weights },
        });
        return Ok(alias.to_string().into_bytes());
    }
    if path.contains("/configuration") {
        let qualifier = path.split("Qualifier=").nth(1).unwrap_or("$LATEST").replace("%24", "$");
        let found = story.configurations.iter().find(|(name, _)| *name == qualifier);
        let (_, configuration) = found.ok_or(DENIED)?;
        return Ok(configuration.to_string().into_bytes());
    }
    assert!(path.contains("/invocations"), "{path}");
    *invocations.lock().unwrap() += 1;
    Ok(stream(story, body))
}

/// A run of these commands, in which all of them passed.
fn stream(story: &Story, request: &[u8]) -> Vec<u8> {
    let request: Value = serde_json::from_slice(request).unwrap();
    let run_id = request["lamex"]["run_id"].as_str().or(request["run_id"].as_str()).unwrap().to_owned();
    let count = story.commands.len() as u64;
    let mut bodies = vec![Body::Hello(Hello {
        lamex: lamex_protocol::VERSION,
        run_id,
        function_name: "system-tests".to_owned(),
        function_version: story.version.to_owned(),
        runner_version: "0.1.0".to_owned(),
        package_digest: story.digest.clone(),
        request_id: "r".to_owned(),
        selected: count,
    })];
    for &(command, name) in &story.commands {
        let name = name.to_owned();
        bodies.push(Body::CommandStarted(CommandStarted {
            attempt: None,
            command,
            name: name.clone(),
            timeout_ms: None,
            framing: None,
        }));
        bodies.push(Body::CommandFinished(CommandFinished {
            attempt: None,
            command,
            name,
            phase: lamex_protocol::plan::Phase::Test,
            outcome: CommandOutcome::Passed,
            ending: Ending::Exited { code: 0 },
            message: None,
            duration_ms: 1,
            tests: None,
            stdout_bytes: 0,
            stderr_bytes: 0,
            missing: Missing::default(),
            peak_rss_kib: 0,
            cpu_ms: 0,
        }));
    }
    let events = bodies.len() as u64;
    bodies.push(Body::Verdict(Verdict {
        outcome: VerdictOutcome::Passed,
        counts: Counts { passed: count, ..Counts::default() },
        remaining: Vec::new(),
        events,
        message: None,
    }));
    let mut bytes = Vec::new();
    for (seq, body) in bodies.into_iter().enumerate() {
        write_line(&Event { seq: seq as u64, at_ms: 0, body }, &mut bytes).unwrap();
    }
    bytes
}

/// The configuration of a version with this description, in agreement with the tests' lamex.yaml.
pub(crate) fn configuration(version: &str, description: &str) -> Value {
    json!({
        "FunctionName": "system-tests", "Version": version, "Description": description,
        "CodeSha256": "nobody's", "Timeout": 60, "MemorySize": 512,
        "State": "Active", "LastUpdateStatus": "Successful",
    })
}

/// What `lamex-ctl deploy` writes, with a digest of these commands as it is documented.
pub(crate) fn record(package_digest: &str, plan: &Plan) -> String {
    use sha2::{Digest as _, Sha256};
    let json = serde_json::to_vec(plan).unwrap();
    let hex: String = Sha256::digest(json)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("lamex {package_digest} commands:{hex} commit:c0ffee")
}
