//! What an operation is, who may run it, and the macro that makes everything else from the list.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// A use case: what is asked is the value itself.
pub trait Operation: Serialize + DeserializeOwned + Send + 'static {
    /// What is answered.
    type Answer: Serialize + DeserializeOwned + Send + 'static;
    /// How it is called on the wire; it does not change.
    const NAME: &'static str;
    const KIND: Kind;
    const PERMISSION: Permission;
}

/// Does an operation change anything?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Query,
    Command,
}

/// What a caller needs for an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// See the node, its documents and its numbers; nothing that is sealed.
    View,
    /// Read the sealed fields of persons.
    ReadPersons,
    /// Enter records.
    Record,
    /// Run the node: links, backups, what is hidden from lists.
    Operate,
    /// Act with the unit's key.
    Govern,
}

impl Permission {
    pub const ALL: [Self; 5] =
        [Self::View, Self::ReadPersons, Self::Record, Self::Operate, Self::Govern];
}

/// Who asks, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    permissions: BTreeSet<Permission>,
}

impl Caller {
    /// Whoever owns the node's key and files: there is nothing they could not do without us.
    pub fn owner() -> Self {
        Self::with(Permission::ALL)
    }

    /// Somebody who may do this much.
    pub fn with(permissions: impl IntoIterator<Item = Permission>) -> Self {
        Self { permissions: permissions.into_iter().collect() }
    }

    fn needs(&self, permission: Permission) -> Result<(), Failure> {
        match self.permissions.contains(&permission) {
            true => Ok(()),
            false => Err(Failure::Forbidden { permission }),
        }
    }
}

/// Does the work of one operation.
pub trait Handle<O: Operation> {
    fn handle(&self, caller: &Caller, asked: O) -> Result<O::Answer, Failure>;
}

/// What comes back for a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply<A> {
    Ok(A),
    Error(Failure),
}

impl<A> Reply<A> {
    pub fn into_result(self) -> Result<A, Failure> {
        match self {
            Self::Ok(answer) => Ok(answer),
            Self::Error(failure) => Err(failure),
        }
    }
}

/// Runs an operation for a caller who may ask for it.
pub fn run<O: Operation>(
    node: &(impl Handle<O> + ?Sized),
    caller: &Caller,
    asked: O,
) -> Result<O::Answer, Failure> {
    caller.needs(O::PERMISSION)?;
    node.handle(caller, asked)
}

/// The same, as a line of JSON: a [`Reply`].
pub(crate) fn reply<O: Operation>(
    node: &(impl Handle<O> + ?Sized),
    caller: &Caller,
    asked: O,
) -> String {
    let reply = match run(node, caller, asked) {
        Ok(answer) => Reply::Ok(answer),
        Err(failure) => Reply::Error(failure),
    };
    serde_json::to_string(&reply).expect("an answer has text keys and no foreign serializer")
}

/// Makes from the list: each [`Operation`], the [`Request`](crate::Request) that carries any of
/// them, and [`Node`](crate::Node), which is whoever handles all of them.
macro_rules! operations {
    (
        queries { $($(#[$q_doc:meta])* $q_name:literal $query:ident -> $q_answer:ty, needs $q_permission:ident;)* }
        commands { $($(#[$c_doc:meta])* $c_name:literal $command:ident -> $c_answer:ty, needs $c_permission:ident;)* }
    ) => {
        operation::operations! {
            each
            $($(#[$q_doc])* Query $q_name $query -> $q_answer, $q_permission;)*
            $($(#[$c_doc])* Command $c_name $command -> $c_answer, $c_permission;)*
        }
    };
    (each $($(#[$doc:meta])* $kind:ident $name:literal $operation:ident -> $answer:ty, $permission:ident;)*) => {
        $(impl Operation for $operation {
            type Answer = $answer;
            const NAME: &'static str = $name;
            const KIND: Kind = Kind::$kind;
            const PERMISSION: Permission = Permission::$permission;
        }

        impl From<$operation> for Request {
            fn from(asked: $operation) -> Self {
                Self::$operation(asked)
            }
        })*

        /// Any operation, as it is asked over a wire: an object with its name in `op`.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "op")]
        pub enum Request {
            $($(#[$doc])* #[serde(rename = $name)] $operation($operation),)*
        }

        /// Whoever handles every operation.
        pub trait Node: $(Handle<$operation> +)* {}

        impl<T> Node for T where T: $(Handle<$operation> +)* ?Sized {}

        impl Request {
            /// The name, the kind and the permission of every operation.
            pub const ALL: &'static [(&'static str, Kind, Permission)] =
                &[$(($name, Kind::$kind, Permission::$permission)),*];

            /// Answers with a [`Reply`] as a line of JSON.
            pub fn answer(self, node: &impl Node, caller: &Caller) -> String {
                match self {
                    $(Self::$operation(asked) => operation::reply(node, caller, asked),)*
                }
            }
        }
    };
}
pub(crate) use operations;
