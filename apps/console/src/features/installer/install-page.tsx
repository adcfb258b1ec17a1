import "./texts/index.ts";
import "./installer.css";
import { StateMark } from "@menshen/ui";
import { type GateCreate, gateEndpoints } from "@menshen/wire";
import { Button, Form, Input, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useNavigate, useParams } from "react-router";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failed, Forbidden, Loading } from "../../components/page-states.tsx";
import { VendorChoice } from "../../components/vendor-choice.tsx";
import { InstallationSteps } from "./installation-steps.tsx";
import { Labels } from "./labels.tsx";
import { useInstallation } from "./use-installation.ts";

/** Setting gates up from a telephone, at the door. */
export default function InstallPage() {
  if (!useMay("doors.read")) return <Forbidden />;
  return (
    <Routes>
      <Route path="/" element={<GateChoice />} />
      <Route path="/:gateId" element={<OneGate />} />
      <Route path="/:gateId/labels" element={<OneGate labels />} />
    </Routes>
  );
}

function OneGate(props: { labels?: boolean }) {
  const { gateId = "" } = useParams();
  const installation = useInstallation(gateId);
  if (installation.isPending) return <Loading />;
  if (installation.isError && installation.data === undefined) {
    return <Failed error={installation.error} onRetry={() => void installation.refetch()} />;
  }
  return props.labels === true ? (
    <Labels installation={installation.data} />
  ) : (
    <InstallationSteps installation={installation.data} />
  );
}

function GateChoice() {
  const { t } = useTranslation("installer");
  const { t: tc } = useTranslation();
  const navigate = useNavigate();
  const mayWrite = useMay("gates.write");
  const gates = usePaged(gateEndpoints.list, { limit: 200 });
  const add = useChange(
    (body: GateCreate) => call(gateEndpoints.create, { body, reason: { code: "installation" } }),
    { onDone: (gate) => void navigate(`/install/${gate.id}`) },
  );
  if (gates.isPending) return <Loading />;
  if (gates.isError) return <Failed error={gates.error} onRetry={() => void gates.refetch()} />;
  return (
    <div className="install">
      <PageHead title={t("title")} lead={t("lead")} />
      {mayWrite ? (
        <Form<GateCreate>
          name="gate"
          layout="vertical"
          className="install__new"
          initialValues={{ doorGroup: 1 }}
          onFinish={(values) => add.mutate({ ...values, name: values.name.trim() })}
        >
          <Form.Item
            name="name"
            label={t("newGate")}
            rules={[{ required: true, whitespace: true, message: tc("people.nameMissing") }]}
          >
            <Input maxLength={80} size="large" />
          </Form.Item>
          <Form.Item name="doorGroup" label={t("doorGroup")} extra={t("doorGroupHelp")}>
            <InputNumber min={1} max={13} size="large" />
          </Form.Item>
          <VendorChoice size="large" />
          <Button type="primary" size="large" htmlType="submit" loading={add.isPending}>
            {t("begin")}
          </Button>
        </Form>
      ) : null}
      <section className="section" aria-labelledby="install-gates">
        <h2 id="install-gates">{t("gates")}</h2>
        {gates.items.length === 0 ? <Empty title={t("none")}>{t("noneHelp")}</Empty> : null}
        <ul className="plain-list">
          {gates.items.map((gate) => (
            <li key={gate.id}>
              <Link to={`/install/${gate.id}`}>{gate.name}</Link>
              <StateMark
                tone={gate.link === "online" ? "granted" : gate.link === "offline" ? "offline" : "quiet"}
              >
                {gate.enrolment === "revoked" ? tc("doors.revoked") : tc(`gate.link.${gate.link}`)}
              </StateMark>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
