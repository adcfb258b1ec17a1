import { caseEndpoints } from "@menshen/wire";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useTranslation } from "react-i18next";
import { problemText } from "../../components/problem-text.ts";

/** Runs a change of a case, then reads all of them anew; says in words what was refused. */
export function useCaseChange() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: (change: () => Promise<unknown>) => change(),
    onSuccess: () =>
      Promise.all(
        [caseEndpoints.get.id, caseEndpoints.list.id, caseEndpoints.counts.id].map((name) =>
          client.invalidateQueries({ queryKey: [name] }),
        ),
      ),
    onError: (error) => void message.error(problemText(t, error)),
  });
}
