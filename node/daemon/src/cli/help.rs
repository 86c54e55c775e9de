//! Help and argument errors in the language of the process.
//!
//! clap says them in English, with headings and remarks of its own: what can be set is set here,
//! and its errors are said anew from what they carry.

use std::error::Error as _;
use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{Arg, ArgAction, Command};

use super::options::Expected;
use crate::lang::{Lang, lang, say, word};
use crate::render;

const EXIT_USAGE: u8 = 2;

/// The command with its headings, and what clap adds to each argument, in the chosen language.
pub(super) fn localised(command: Command) -> Command {
    let command = command
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .arg(flag("help", 'h', word("显示帮助", "print help"), ArgAction::Help).global(true))
        .arg(flag("version", 'V', word("显示版本", "print the version"), ArgAction::Version));
    each(command)
}

fn flag(name: &'static str, short: char, help: &'static str, action: ArgAction) -> Arg {
    Arg::new(name).long(name).short(short).help(help).action(action)
}

fn each(command: Command) -> Command {
    let usage = word("用法：", "Usage: ");
    command
        .help_template(format!("{{about}}\n\n{usage}{{usage}}\n\n{{all-args}}{{after-help}}"))
        .subcommand_help_heading(word("命令", "Commands"))
        .subcommand_value_name(word("命令", "COMMAND"))
        .mut_args(described)
        .mut_subcommands(each)
}

/// An argument under its heading, with what may be given and what is taken if nothing is.
fn described(arg: Arg) -> Arg {
    let heading = match arg.is_positional() {
        true => word("参数", "Arguments"),
        false => word("选项", "Options"),
    };
    let arg = arg.help_heading(heading);
    if !arg.get_action().takes_values() {
        return arg;
    }
    let mut help = arg.get_help().map(StyledStr::to_string).unwrap_or_default();
    let values = arg.get_possible_values();
    let names: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
    if !names.is_empty() {
        let names = names.join(word("、", ", "));
        help += &say!("（可选：{names}）", " (one of {names})");
    }
    let default = arg.get_default_values().iter().map(|value| value.to_string_lossy());
    let default = default.collect::<Vec<_>>().join(" ");
    if !default.is_empty() {
        help += &say!("（默认：{default}）", " (default {default})");
    }
    if let Some(variable) = arg.get_env().map(|name| name.to_string_lossy().into_owned()) {
        help += &say!("（环境变量 {variable}）", " (environment: {variable})");
    }
    arg.hide_possible_values(true).hide_default_value(true).hide_env(true).help(help)
}

/// Prints help or the version where it was asked for; else says what is wrong with the arguments.
pub(super) fn answer(error: &Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            render::print(&format!("{}\n", text(error).trim_end()));
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            eprintln!("{}", text(error).trim_end());
            ExitCode::from(EXIT_USAGE)
        }
        _ => {
            wrong(error);
            ExitCode::from(EXIT_USAGE)
        }
    }
}

/// What clap renders, where one word of it cannot be set.
fn text(error: &Error) -> String {
    let text = error.render().to_string();
    match lang() {
        Lang::Zh => text.replace("[OPTIONS]", "[选项]"),
        Lang::En => text,
    }
}

fn wrong(error: &Error) {
    let sentence = sentence(error);
    if std::env::args().any(|argument| argument == "--json") {
        let error = serde_json::json!({ "code": "usage", "text": sentence });
        return eprintln!("{}", serde_json::json!({ "error": error }));
    }
    eprintln!("{}", say!("错误：{sentence}", "error: {sentence}"));
    let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
    let usage = usage.trim().trim_start_matches("Usage:").trim().to_owned();
    let usage = usage.replace("[OPTIONS]", word("[选项]", "[OPTIONS]"));
    if !usage.is_empty() {
        eprintln!("{}", say!("用法：{usage}", "usage: {usage}"));
    }
    eprintln!("{}", word("详见 --help", "see --help"));
}

/// What is wrong, named as it was given.
fn sentence(error: &Error) -> String {
    let of = |kind| error.get(kind).map(given).unwrap_or_default();
    let (arg, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => {
            say!("{arg} 后面须给出值", "{arg} needs a value")
        }
        ErrorKind::InvalidValue => {
            let valid = of(ContextKind::ValidValue);
            say!(
                "{arg} 不能是“{value}”，可选：{valid}",
                "{arg} cannot be {value:?}: give one of {valid}"
            )
        }
        ErrorKind::ValueValidation => {
            let expected = error.source().and_then(|source| source.downcast_ref::<Expected>());
            let expected = expected.map_or_else(String::new, |expected| format!("，{expected}"));
            say!("{arg} 的值“{value}”无效{expected}", "{value:?} is no value for {arg}{expected}")
        }
        ErrorKind::UnknownArgument => unknown(&arg, &of(ContextKind::SuggestedArg)),
        ErrorKind::InvalidSubcommand => {
            let command = of(ContextKind::InvalidSubcommand);
            unknown(&command, &of(ContextKind::SuggestedSubcommand))
        }
        ErrorKind::MissingRequiredArgument => say!("缺少 {arg}", "{arg} is missing"),
        ErrorKind::MissingSubcommand => word("缺少命令", "a command is missing").to_owned(),
        ErrorKind::ArgumentConflict => {
            let other = of(ContextKind::PriorArg);
            say!("{arg} 不能与 {other} 同时给出", "{arg} cannot be given together with {other}")
        }
        ErrorKind::TooManyValues => {
            say!("{arg} 的值过多：“{value}”", "{value:?} is one value too many for {arg}")
        }
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues | ErrorKind::NoEquals => {
            say!("{arg} 的值的个数不对", "{arg} has the wrong number of values")
        }
        ErrorKind::InvalidUtf8 => {
            word("参数不是 UTF-8 文字", "an argument is no UTF-8 text").to_owned()
        }
        _ => say!("用法错误：{error}", "{error}"),
    }
}

fn unknown(what: &str, suggested: &str) -> String {
    match suggested {
        "" => say!("没有 {what}", "there is no {what}"),
        _ => say!("没有 {what}，是否指 {suggested}", "there is no {what}: is {suggested} meant?"),
    }
}

fn given(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(texts) => texts.join(word("、", ", ")),
        ContextValue::StyledStrs(texts) => {
            texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::args::Cli;
    use super::*;

    /// Every command that can be given, with the way to it.
    fn all(command: &Command, way: &str, visit: &mut impl FnMut(&str, &Command)) {
        visit(way, command);
        command
            .get_subcommands()
            .for_each(|sub| all(sub, &format!("{way} {}", sub.get_name()), visit));
    }

    #[test]
    fn every_command_and_argument_is_explained_in_one_language_with_an_example() {
        let mut command = localised(Cli::command());
        command.build();
        let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        all(&command, "gongzhi", &mut |way, command| {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            // Tests run in no chosen language: the default is Chinese.
            assert!(han(&about), "{way}: {about:?}");
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(after.contains("示例：\n  gongzhi "), "{way} has no example");
            for arg in command.get_arguments() {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(han(&help), "{way} {}: {help:?}", arg.get_id());
            }
            let shown = command.clone().render_long_help().to_string();
            for english in
                ["Usage:", "Options:", "Arguments:", "Commands:", "[default", "[possible", "[env"]
            {
                assert!(!shown.contains(english), "{way}: {english} in\n{shown}");
            }
        });
    }

    #[test]
    fn arguments_that_are_wrong_are_named() {
        let said = |line: &str| {
            let command = localised(Cli::command());
            let error = command.try_get_matches_from(line.split(' ')).expect_err("wrong");
            sentence(&error)
        };
        for (line, names) in [
            ("gongzhi status --daat x", "--daat"),
            ("gongzhi statsu", "status"),
            ("gongzhi link --data x mend all", "cut"),
            ("gongzhi report --unit", "--unit"),
            ("gongzhi suspend --data x --unit u", "--reason"),
            ("gongzhi init --data x --grant g --network n --unit u", "--network"),
            ("gongzhi root succeed --data x --root k --threshold many", "many"),
            ("gongzhi export --data x", "--out"),
        ] {
            let said = said(line);
            assert!(said.contains(names), "{line}: {said}");
            assert!(!said.contains("error"), "{line}: {said}");
        }
    }

    #[test]
    fn json_and_language_are_taken_anywhere_on_the_line() {
        for line in [
            "gongzhi --json --lang en status --data x",
            "gongzhi status --data x --lang en --json",
            "gongzhi keys --json show --data x --lang en",
            "gongzhi init --data x --grant g --json",
        ] {
            let matches = localised(Cli::command()).try_get_matches_from(line.split(' '));
            let matches = matches.unwrap_or_else(|error| panic!("{line}: {error}"));
            assert!(matches.get_flag("json"), "{line}");
        }
    }
}
