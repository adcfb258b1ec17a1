import "./texts/index.ts";
import { type CommandItem, commandEndpoints } from "@menshen/wire";
import { useMutation } from "@tanstack/react-query";
import { App } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useRefresh } from "../../api/records.tsx";
import { problemText } from "../../components/problem-text.ts";
import { isOver, outcomeOf } from "./command-outcome.tsx";

const LOOK_AGAIN_MS = 400;
const SHOWN_S = 5;
/** What a toast looks like for the tone in which an outcome is said. */
const TYPE_OF_TONE = {
  granted: "success",
  quiet: "info",
  refused: "warning",
  offline: "warning",
  alarm: "error",
} as const;

/**
 * Gives a command, and says what became of it when the gate has answered: until then it is under way and nothing more.
 * The server ends what nobody answers within seconds, so that this ends, too.
 */
export function useCommand<Input>(
  give: (input: Input) => Promise<CommandItem>,
  options: { onDone?: () => void } = {},
) {
  const { t } = useTranslation("guard");
  const { t: common } = useTranslation();
  const { message } = App.useApp();
  const refresh = useRefresh();

  async function follow(given: CommandItem): Promise<void> {
    const key = given.id;
    void message.open({ key, type: "loading", content: t("command.state.sent"), duration: 0 });
    let command = given;
    try {
      while (!isOver(command)) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
        command = await call(commandEndpoints.get, { params: { id: key } });
      }
      const { tone, text } = outcomeOf(t, command);
      void message.open({ key, type: TYPE_OF_TONE[tone], content: text, duration: SHOWN_S });
    } catch {
      // Not everybody who may give it may read what becomes of it, and the server may be away for a moment.
      void message.open({ key, type: "info", content: t("command.given"), duration: SHOWN_S });
    }
    await refresh();
  }

  return useMutation({
    mutationFn: give,
    onSuccess: (command) => {
      options.onDone?.();
      void follow(command);
    },
    onError: (error) => void message.error(problemText(common, error), SHOWN_S),
  });
}
