import { credentialEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Drawer } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useViewKey } from "../../api/view-reason.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";

/** What was done to one credential, by whom and why. */
export function CredentialHistory(props: { credentialId: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer
      open={props.credentialId !== undefined}
      onClose={props.onClose}
      size={460}
      title={t("credential.history")}
    >
      {props.credentialId === undefined ? null : <History credentialId={props.credentialId} />}
    </Drawer>
  );
}

function History(props: { credentialId: string }) {
  const { t } = useTranslation();
  const history = useQuery({
    queryKey: [credentialEndpoints.history.id, props.credentialId, useViewKey()],
    queryFn: ({ signal }) =>
      call(credentialEndpoints.history, { params: { id: props.credentialId }, signal }),
  });
  if (history.isPending) return <Loading />;
  if (history.isError) return <Failed error={history.error} onRetry={() => void history.refetch()} />;
  return (
    <ol className="plain-list">
      {history.data.items.map((item) => (
        <li key={`${item.at}/${item.action}`}>
          <span>
            <strong>{t(`credential.action.${item.action}`)}</strong> · {t(`changeReason.${item.reason.code}`)}
            {item.reason.text === undefined ? "" : `: ${item.reason.text}`}
            <br />
            <span className="quiet">
              <ExactMoment epochMs={item.at} /> · {item.staffName}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}
