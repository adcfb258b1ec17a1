import type { CliError } from "./cli-error.ts";
import type { Language, Text } from "./language.ts";

/**
 * Where a command says things. Every statement has a machine form (one JSON object a line, with `--json`) and a human
 * form; only one of them is written. Results go to standard output, errors to standard error in either form.
 */
export interface Output {
  readonly json: boolean;
  readonly language: Language;
  /** One result or event. `human` in both languages, or one text where it is the same in both. */
  say(machine: object, human: Text | string): void;
  /** A remark for people only: progress, hints. Silent with `--json`. */
  remark(human: Text | string): void;
  fail(error: CliError): void;
}

export interface TextSink {
  write(text: string): unknown;
}

/** `write` receives whole lines only. */
export function makeOutput(sinks: {
  readonly out: TextSink;
  readonly err: TextSink;
  readonly json: boolean;
  readonly language: Language;
}): Output {
  const { out, err, json, language } = sinks;
  const pick = (text: Text | string) => (typeof text === "string" ? text : text[language]);
  return {
    json,
    language,
    say(machine, human) {
      out.write(`${json ? JSON.stringify(machine) : pick(human)}\n`);
    },
    remark(human) {
      if (!json) out.write(`${pick(human)}\n`);
    },
    fail(error) {
      if (json) {
        const { code, what, remedy } = error;
        const body = { code, message: what.en, ...(remedy === undefined ? {} : { remedy: remedy.en }) };
        err.write(`${JSON.stringify({ error: body })}\n`);
        return;
      }
      err.write(`menshen: ${pick(error.what)}\n`);
      if (error.remedy !== undefined) err.write(`         ${pick(error.remedy)}\n`);
    },
  };
}
