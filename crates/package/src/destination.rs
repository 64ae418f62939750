//! Where an include lands in the package.

use std::path::{Component, Path};

use lamex_config::{Include, Problem};

/// Whether the path says that it is a folder's.
pub(super) fn names_folder(path: &str) -> bool {
    path.ends_with('/') || path.ends_with("/.") || path == "."
}

/// Where the include lands: a file's path, or a folder's with its slash (the root's is empty).
pub(super) fn destination(include: &Include, is_folder: bool) -> Result<String, Problem> {
    let name_of_origin = || {
        let name = Path::new(&include.from).file_name().and_then(|name| name.to_str());
        name.map(str::to_owned).ok_or_else(|| {
            Problem::at(include.from_span, format!("`{}` has no name of its own", include.from))
                .help("say where it goes: `{ from: …, to: … }`")
        })
    };
    let Some(to) = &include.to else {
        let name = name_of_origin()?;
        return Ok(if is_folder { format!("{name}/") } else { name });
    };
    let mut path = String::new();
    for component in Path::new(to).components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) => {
                path.push_str(&name.to_string_lossy());
                path.push('/');
            }
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(Problem::at(include.to_span, format!("`{to}` is outside of the package"))
                    .help("`to` is relative to the root of the package and has no `..`"));
            }
        }
    }
    match (is_folder, names_folder(to)) {
        (true, _) => Ok(path),
        (false, true) => Ok(path + &name_of_origin()?),
        (false, false) => Ok(path.trim_end_matches('/').to_owned()),
    }
}
