import { caseEndpoints } from "@menshen/wire";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client.ts";
import { problemText } from "../../components/problem-text.ts";

/**
 * Runs a change of a case and says in words what was refused. All of them are read anew, after a refusal too: somebody may
 * have been faster.
 *
 * @param conflictText what a conflict means here, where more can be said than everywhere
 */
export function useCaseChange(conflictText?: string) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: (change: () => Promise<unknown>) => change(),
    onError: (error) => {
      const isConflict = error instanceof ApiError && error.code === "conflict";
      void message.error(isConflict && conflictText !== undefined ? conflictText : problemText(t, error));
    },
    onSettled: () =>
      Promise.all(
        [caseEndpoints.get.id, caseEndpoints.list.id, caseEndpoints.counts.id].map((name) =>
          client.invalidateQueries({ queryKey: [name] }),
        ),
      ),
  });
}
