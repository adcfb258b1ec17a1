import { StateMark, type StateTone } from "@menshen/ui";
import type { CommandItem } from "@menshen/wire";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";

/** Nothing more becomes of it, but that the door may still be opened while it is released. */
export function isOver({ state }: CommandItem): boolean {
  return state !== "waiting" && state !== "sent";
}

/** What became of a command, in one tone and one sentence: what the gate saw, not what was sent. */
export function outcomeOf(t: TFunction<"guard">, command: CommandItem): { tone: StateTone; text: string } {
  const { refusal, state } = command;
  switch (state) {
    case "waiting":
      return { tone: "offline", text: t("command.state.waiting") };
    case "sent":
      return { tone: "quiet", text: t("command.state.sent") };
    case "done":
      return { tone: "granted", text: t(`command.done.${effectOf(command)}`) };
    case "no-effect":
      return { tone: "alarm", text: t("command.state.no-effect") };
    case "late":
      return { tone: "refused", text: t("command.state.late") };
    case "interrupted":
      return { tone: "alarm", text: t("command.state.interrupted") };
    case "unanswered":
      return { tone: "refused", text: t("command.state.unanswered") };
    case "refused":
      return {
        tone: "refused",
        text: refusal === undefined ? t("command.state.refused") : t(`command.refusal.${refusal}`),
      };
  }
}

function effectOf({ kind, opened }: CommandItem): "opened" | "nobody" | "released" | "other" {
  if (kind !== "unlock") return "other";
  if (opened === undefined) return "released";
  return opened ? "opened" : "nobody";
}

export function CommandOutcome({ command }: { command: CommandItem }) {
  const { t } = useTranslation("guard");
  const { text, tone } = outcomeOf(t, command);
  return <StateMark tone={tone}>{text}</StateMark>;
}
