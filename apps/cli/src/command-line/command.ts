import type { ExitCode } from "./cli-error.ts";
import type { Text } from "./language.ts";
import type { Output } from "./output.ts";

export interface OptionSpec {
  readonly type: "string" | "boolean";
  /** What stands after the option's name in the help, e.g. `HEX`. */
  readonly placeholder?: string;
  readonly help: Text;
  /** May stand several times. */
  readonly multiple?: true;
}

export interface PositionalSpec {
  /** In capitals, e.g. `WHERE`. */
  readonly name: string;
  readonly help: Text;
}

/** What a command gets to work with once its command line was understood. */
export interface Call {
  readonly positionals: readonly string[];
  /** The value of a string option. */
  option(name: string): string | undefined;
  /** The values of an option that may stand several times. */
  all(name: string): readonly string[];
  flag(name: string): boolean;
  readonly output: Output;
  /** Aborted by SIGINT, SIGTERM and SIGHUP: finish in an orderly way. */
  readonly stop: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A command by its name, loaded when it is called. */
export interface CommandEntry {
  readonly path: readonly string[];
  readonly load: () => Promise<Command>;
}

export interface Command {
  /** E.g. `["reader", "probe"]`. */
  readonly path: readonly string[];
  readonly summary: Text;
  readonly positionals: readonly PositionalSpec[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Further paragraphs of the command's own help: grammars, examples. */
  readonly details?: Text;
  run(call: Call): Promise<ExitCode>;
}
