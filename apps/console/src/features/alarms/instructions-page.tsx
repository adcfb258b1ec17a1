import "./texts/index.ts";
import "../openings/openings.css";
import "./alarms.css";
import { StateMark } from "@menshen/ui";
import { type AlarmInstructionItem, alarmEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { App, Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { usePreferences } from "../../preferences.tsx";
import { DoorPagesNav } from "../door-rules/door-pages-nav.tsx";

const TEXT_MAX = 1_000;
type Text = AlarmInstructionItem["text"];

/** What guards are told to do at each kind of alarm, the gravest first; the community may write its own. */
export default function InstructionsPage() {
  const { t } = useTranslation("alarms");
  const mayWrite = useMay("alarms.settings");
  const [edited, setEdited] = useState<AlarmInstructionItem["kind"]>();
  const read = useQuery({
    queryKey: [alarmEndpoints.instructions.id],
    queryFn: ({ signal }) => call(alarmEndpoints.instructions, { signal }),
  });
  return (
    <>
      <PageHead title={t("instructions.title")} lead={t("instructions.lead")} />
      <DoorPagesNav />
      {read.isPending ? (
        <Loading />
      ) : read.isError ? (
        <Failed error={read.error} onRetry={() => void read.refetch()} />
      ) : (
        <ul className="instructions">
          {read.data.items.map((item) => (
            <li key={item.kind}>
              {edited === item.kind ? (
                <InstructionForm item={item} onClose={() => setEdited(undefined)} />
              ) : (
                <Instruction item={item} {...(mayWrite ? { onEdit: () => setEdited(item.kind) } : {})} />
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function InstructionHead({ item }: { item: AlarmInstructionItem }) {
  const { t } = useTranslation("alarms");
  return (
    <>
      <h2>
        <StateMark tone={item.rank <= 3 ? "alarm" : "refused"}>{t(`kind.${item.kind}`)}</StateMark>
      </h2>
      <p className="quiet">
        {t(`danger.${item.rank}`)} · {t(item.isDefault ? "instructions.isDefault" : "instructions.isOwn")}
      </p>
    </>
  );
}

function Instruction(props: { item: AlarmInstructionItem; onEdit?: () => void }) {
  const { t } = useTranslation("alarms");
  const { t: common } = useTranslation();
  const { language } = usePreferences();
  const { item, onEdit } = props;
  const toDefault = useToDefault(item);
  const name = t(`kind.${item.kind}`);
  return (
    <>
      <InstructionHead item={item} />
      <p className="alarm__instruction">{language === "en" ? item.text.en : item.text.zh}</p>
      {onEdit === undefined ? null : (
        <span className="actions">
          <Button aria-label={`${common("common.edit")}: ${name}`} onClick={onEdit}>
            {common("common.edit")}
          </Button>
          {item.isDefault ? null : (
            <Button
              type="text"
              aria-label={`${t("instructions.toDefault")}: ${name}`}
              loading={toDefault.isPending}
              onClick={() => toDefault.mutate(undefined)}
            >
              {t("instructions.toDefault")}
            </Button>
          )}
        </span>
      )}
    </>
  );
}

/** Lets the default hold again at once, and offers to take that back. */
function useToDefault({ kind, revision, text }: AlarmInstructionItem) {
  const { t } = useTranslation("alarms");
  const { t: common } = useTranslation();
  const { notification } = App.useApp();
  const restore = useChange((seen: number) =>
    call(alarmEndpoints.setInstruction, { params: { kind }, body: { revision: seen, text } }),
  );
  return useChange(() => call(alarmEndpoints.setInstruction, { params: { kind }, body: { revision } }), {
    doneText: t("instructions.isDefault"),
    onDone: (after) =>
      notification.open({
        key: kind,
        title: t("instructions.dropped", { kind: t(`kind.${kind}`) }),
        duration: 8,
        actions: (
          <Button
            onClick={() => {
              notification.destroy(kind);
              restore.mutate(after.revision);
            }}
          >
            {common("common.undo")}
          </Button>
        ),
      }),
  });
}

function InstructionForm(props: { item: AlarmInstructionItem; onClose: () => void }) {
  const { t } = useTranslation("alarms");
  const { t: common } = useTranslation();
  const id = useId();
  const { item, onClose } = props;
  const [zh, setZh] = useState(item.text.zh);
  const [en, setEn] = useState(item.text.en);
  const text: Text = { zh: zh.trim(), en: en.trim() };
  const isComplete = text.zh !== "" && text.en !== "";
  const save = useChange(
    () =>
      call(alarmEndpoints.setInstruction, {
        params: { kind: item.kind },
        body: { revision: item.revision, text },
      }),
    { onDone: onClose },
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isComplete) save.mutate(undefined);
      }}
    >
      <InstructionHead item={item} />
      <TextField
        id={`${id}-zh`}
        label={t("instructions.zh")}
        lang="zh-CN"
        value={zh}
        onChange={setZh}
        autoFocus
      />
      <TextField id={`${id}-en`} label={t("instructions.en")} lang="en" value={en} onChange={setEn} />
      <p className="quiet">{t("instructions.help")}</p>
      <span className="actions">
        <Button type="primary" htmlType="submit" disabled={!isComplete} loading={save.isPending}>
          {common("common.save")}
        </Button>
        <Button onClick={onClose}>{common("common.cancel")}</Button>
      </span>
    </form>
  );
}

function TextField(props: {
  id: string;
  label: string;
  lang: string;
  value: string;
  autoFocus?: boolean;
  onChange: (text: string) => void;
}) {
  return (
    <div className="form-field">
      <label htmlFor={props.id}>{props.label}</label>
      <Input.TextArea
        id={props.id}
        lang={props.lang}
        autoFocus={props.autoFocus === true}
        maxLength={TEXT_MAX}
        autoSize={{ minRows: 2, maxRows: 10 }}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </div>
  );
}
