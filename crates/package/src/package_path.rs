//! Paths in the package.

/// The path without `.` and `..`, as far as that can be told without looking.
pub(super) fn normalized(path: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            // Above the root there is nothing of the package; the name says so to whoever reads it.
            ".." if names.last().is_none_or(|last| *last == "..") => names.push(".."),
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names.join("/")
}
