import { type DoorRules, doorRulesEndpoints } from "@menshen/wire";
import { Form, Input, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { SaveOrCancel } from "./form-parts.tsx";
import { RuleRow } from "./rule-row.tsx";

type Site = DoorRules["sites"][number];
interface Draft {
  readonly host?: string;
  readonly port?: number | null;
}

/** Where each gate is found by the others on the site's own network. */
export function GateNetwork(props: { sites: readonly Site[]; mayWrite: boolean }) {
  const { t } = useTranslation("doorRules");
  return (
    <section className="section" aria-labelledby="rules-sites">
      <h2 id="rules-sites">{t("sites")}</h2>
      <p className="quiet">{t("sitesHelp")}</p>
      <ul className="rule-rows">
        {props.sites.map((site) => (
          <RuleRow
            key={site.gateId}
            name={site.gateName}
            says={site.host === undefined ? [] : [`${site.host}:${site.port ?? ""}`]}
            saysNothing={t("noSite")}
            mayWrite={props.mayWrite}
            form={(close) => <SiteForm site={site} onClose={close} />}
          />
        ))}
      </ul>
    </section>
  );
}

function SiteForm(props: { site: Site; onClose: () => void }) {
  const { t } = useTranslation("doorRules");
  const { onClose, site } = props;
  const save = useChange(
    ({ host, port }: Draft) => {
      const name = host?.trim() ?? "";
      return call(doorRulesEndpoints.setSite, {
        params: { gateId: site.gateId },
        body: {
          revision: site.revision,
          ...(name === "" ? {} : { host: name }),
          ...(port === null || port === undefined ? {} : { port }),
        },
      });
    },
    { onDone: onClose },
  );
  return (
    <Form<Draft>
      name={`site-${site.gateId}`}
      layout="vertical"
      className="rule-form"
      initialValues={{ host: site.host, port: site.port }}
      onFinish={(draft) => save.mutate(draft)}
    >
      <Form.Item name="host" label={t("host")}>
        <Input maxLength={253} />
      </Form.Item>
      <Form.Item name="port" label={t("port")}>
        <InputNumber min={1} max={65_535} precision={0} />
      </Form.Item>
      <SaveOrCancel isPending={save.isPending} onCancel={onClose} />
    </Form>
  );
}
