import type { Endpoint } from "@menshen/wire";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { problemText } from "../components/problem-text.ts";
import { send } from "./client.ts";

interface Restorable {
  readonly remove: Endpoint;
  readonly restore: Endpoint;
}

/** Says after any change that everything shown may be old: lists count and name each other's records. */
export function useRefresh(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
}

/**
 * A change with its outcome said in words: done, or refused and why.
 *
 * @param change sends it; what it answers reaches `onDone`
 */
export function useChange<Input, Answer>(
  change: (input: Input) => Promise<Answer>,
  options: {
    onDone?: (answer: Answer, input: Input) => void;
    doneText?: string;
    /** Something has only begun, and the page shows what becomes of it: nothing is called done. */
    isUnderWay?: boolean;
    /** Better words for some refusals. */
    refusedText?: (error: unknown) => string | undefined;
  } = {},
) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: change,
    onSuccess: async (answer, input) => {
      await refresh();
      options.onDone?.(answer, input);
      if (options.isUnderWay !== true) void message.success(options.doneText ?? t("common.saved"));
    },
    onError: (error) => void message.error(options.refusedText?.(error) ?? problemText(t, error), 6),
  });
}

/** Removes a record at once and offers to undo it, in place of asking whether one is sure. */
export function useRemoval(endpoints: Restorable) {
  const { t } = useTranslation();
  const { notification } = App.useApp();
  const refresh = useRefresh();
  const restore = useChange((id: string) => send(endpoints.restore, { params: { id } }));
  return useMutation({
    mutationFn: (record: { id: string; name: string }) =>
      send(endpoints.remove, { params: { id: record.id } }),
    onSuccess: async (_, record) => {
      await refresh();
      notification.open({
        key: record.id,
        title: t("record.removed", { name: record.name }),
        duration: 8,
        actions: (
          <Button
            onClick={() => {
              notification.destroy(record.id);
              restore.mutate(record.id);
            }}
          >
            {t("common.undo")}
          </Button>
        ),
      });
    },
    onError: (error) => notification.error({ title: problemText(t, error), duration: 8 }),
  });
}
