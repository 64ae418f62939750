"""Runs the shell steps of a composite action as a runner of GitHub does: each with environment files of its own."""

import dataclasses
import pathlib
import re
import subprocess

import yaml

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_VALUE = re.compile(r"'[^']*'|[A-Za-z_][\w.-]*(\(\))?|==|!=|&&|\|\||!|\(|\)")




@dataclasses.dataclass
class Job:
    """What the action's steps share, and what they left."""

    folder: pathlib.Path
    inputs: dict
    contexts: dict
    path: list = dataclasses.field(default_factory=lambda: ["/usr/local/bin", "/usr/bin", "/bin"])
    steps: dict = dataclasses.field(default_factory=dict)
    outcomes: dict = dataclasses.field(default_factory=dict)
    used: list = dataclasses.field(default_factory=list)
    log: str = ""
    failed: bool = False

    @property
    def summary(self):
        return "".join(path.read_text() for path in sorted(self.folder.glob("summary-*")))

    def value(self, name):
        first, *rest = name.split(".")
        if first == "inputs":
            return self.inputs[rest[0]]
        if first == "steps":
            step = self.steps.get(rest[0], {"outcome": "", "outputs": {}})
            return step["outcome"] if rest[1] == "outcome" else step["outputs"].get(rest[2], "")
        return self.contexts[name]

    def evaluate(self, expression):
        """Comparisons, `&&`, `||`, `!` and `cancelled()`, in the words of Python."""
        words = {"&&": " and ", "||": " or ", "!": " not ", "cancelled()": "False", "success()": str(not self.failed)}

        def python(found):
            text = found[0]
            if text in words:
                return words[text]
            if text in ("==", "!=", "(", ")") or text.startswith("'"):
                return text
            return repr(self.value(text))

        return eval(_VALUE.sub(python, expression).strip(), {"__builtins__": {}})

    def fill(self, text):
        return _EXPRESSION.sub(lambda found: str(self.evaluate(found[1])), text)

    def applies(self, condition):
        if condition is None:
            return not self.failed
        found = _EXPRESSION.fullmatch(condition.strip())
        expression = found[1] if found else condition
        # Without a word on the job's state, GitHub adds success().
        states = ("success()", "failure()", "cancelled()", "always()")
        return bool(self.evaluate(expression)) and (not self.failed or any(state in expression for state in states))


def run(action, inputs, workspace, folder, contexts):
    """Runs all steps of the action; those that use another action are noted with what they get."""
    action = yaml.safe_load(pathlib.Path(action).read_text())
    unknown = inputs.keys() - action["inputs"].keys()
    if unknown:
        raise ValueError(f"the action has no inputs {sorted(unknown)}")
    defaults = {name: str(spec.get("default", "")) for name, spec in action["inputs"].items()}
    job = Job(folder, {**defaults, **inputs}, contexts)
    for number, step in enumerate(action["runs"]["steps"]):
        if not job.applies(step.get("if")):
            outcome, outputs = "skipped", {}
        elif "uses" in step:
            job.used.append((step["uses"], {key: job.fill(str(value)) for key, value in step["with"].items()}))
            outcome, outputs = "success", {}
        else:
            outcome, outputs = _shell(job, number, step, workspace)
        job.steps[step.get("id", number)] = {"outcome": outcome, "outputs": outputs}
        job.outcomes[step["name"]] = outcome
        job.failed = job.failed or outcome == "failure"
    return job


def _shell(job, number, step, workspace):
    assert step["shell"] == "bash", step
    script = job.folder / f"script-{number}.sh"
    script.write_text(job.fill(step["run"]))
    files = {name: job.folder / f"{name}-{number}" for name in ("output", "path", "env", "summary")}
    for path in files.values():
        path.touch()
    temp = job.folder / "runner-temp"
    temp.mkdir(exist_ok=True)
    environment = {
        "PATH": ":".join(job.path),
        "HOME": str(job.folder),
        "RUNNER_TEMP": str(temp),
        "TMPDIR": str(temp),
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_WORKSPACE": str(workspace),
        "GITHUB_OUTPUT": str(files["output"]),
        "GITHUB_PATH": str(files["path"]),
        "GITHUB_ENV": str(files["env"]),
        "GITHUB_STEP_SUMMARY": str(files["summary"]),
        **{name: job.fill(str(value)) for name, value in step.get("env", {}).items()},
    }
    where = pathlib.Path(workspace, job.fill(step.get("working-directory", ".")))
    # `bash` as GitHub calls it.
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script]
    ran = subprocess.run(command, cwd=where, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    job.log += ran.stdout
    job.path[:0] = files["path"].read_text().split("\n")[:-1]
    assert not files["env"].read_text(), "the action sets no variables for the job"
    outputs = dict(line.split("=", 1) for line in files["output"].read_text().splitlines())
    return ("success" if ran.returncode == 0 else "failure"), outputs


