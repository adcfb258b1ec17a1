import {
  type Person,
  type PersonErasure,
  personEndpoints,
  type Residency,
  residencyEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Drawer, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { useViewKey } from "../../api/view-reason.ts";
import { DayText } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { PersonConsents } from "../consent/person-consents.tsx";
import { PersonCredentials } from "../credentials/person-credentials.tsx";
import { Forgive } from "../presence/forgive.tsx";
import { HomeEnding } from "./home-ending.tsx";
import { ErasureReceipt, Leaving } from "./leaving.tsx";
import { ResidentAccess } from "./resident-access.tsx";

/** One person: name, homes with moving out, credentials with everything the desk does to them. */
export function PersonDrawer(props: { personId: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer
      open={props.personId !== undefined}
      onClose={props.onClose}
      size={560}
      title={t("people.person")}
      destroyOnHidden
    >
      {props.personId === undefined ? null : <Sheet key={props.personId} personId={props.personId} />}
    </Drawer>
  );
}

/** The receipt takes the place of a person who is deleted. */
function Sheet(props: { personId: string }) {
  const [receipt, setReceipt] = useState<PersonErasure>();
  return receipt === undefined ? (
    <PersonSheet personId={props.personId} onErased={setReceipt} />
  ) : (
    <ErasureReceipt receipt={receipt} />
  );
}

function PersonSheet(props: { personId: string; onErased: (receipt: PersonErasure) => void }) {
  const { t } = useTranslation();
  const mayRead = useMay("credentials.read");
  const person = useQuery({
    queryKey: [personEndpoints.get.id, props.personId, useViewKey()],
    queryFn: ({ signal }) => call(personEndpoints.get, { params: { id: props.personId }, signal }),
  });
  if (person.isPending) return <Loading />;
  if (person.isError) return <Failed error={person.error} onRetry={() => void person.refetch()} />;
  return (
    <>
      {person.data.removedAt === undefined ? (
        <NameForm key={person.data.revision} person={person.data} />
      ) : (
        <h2>{person.data.displayName}</h2>
      )}
      <h3>{t("people.homes")}</h3>
      <ul className="plain-list">
        {person.data.residencies.map((residency) => (
          <Home key={residency.id} residency={residency} isRemoved={person.data.removedAt !== undefined} />
        ))}
      </ul>
      {mayRead && person.data.removedAt === undefined ? <PersonCredentials person={person.data} /> : null}
      {person.data.removedAt === undefined ? <ResidentAccess person={person.data} /> : null}
      {person.data.removedAt === undefined ? <PersonConsents person={person.data} /> : null}
      {person.data.removedAt === undefined ? <Forgive personId={person.data.id} /> : null}
      <Leaving person={person.data} onErased={props.onErased} />
    </>
  );
}

function NameForm(props: { person: Person }) {
  const { t } = useTranslation();
  const mayWrite = useMay("homes.write");
  const rename = useChange((displayName: string) =>
    call(personEndpoints.update, {
      params: { id: props.person.id },
      body: { displayName, revision: props.person.revision },
      reason: { code: "correction" },
    }),
  );
  if (!mayWrite) return <h2>{props.person.displayName}</h2>;
  return (
    <Form<{ displayName: string }>
      layout="inline"
      initialValues={{ displayName: props.person.displayName }}
      onFinish={(values) => rename.mutate(values.displayName.trim())}
    >
      <Form.Item
        name="displayName"
        label={t("people.displayName")}
        rules={[{ required: true, whitespace: true, message: t("people.displayNameMissing") }]}
      >
        <Input maxLength={80} />
      </Form.Item>
      <Button htmlType="submit" loading={rename.isPending}>
        {t("common.save")}
      </Button>
    </Form>
  );
}

function Home(props: { residency: Residency; isRemoved: boolean }) {
  const { t } = useTranslation();
  const mayWrite = useMay("homes.write");
  const { residency } = props;
  const place =
    residency.dwellingName === undefined
      ? t("people.worksHere")
      : `${residency.buildingName ?? ""} ${residency.dwellingName}`;
  return (
    <li>
      <span>
        <strong>{place}</strong> · {t(`role.${residency.role}`)} · {t(`people.residency.${residency.state}`)}
        {residency.from === undefined ? null : (
          <>
            {" "}
            {t("common.from")} <DayText epochMs={residency.from} />
          </>
        )}
        {residency.until === undefined ? null : (
          <>
            {" "}
            {t("common.until")} <DayText epochMs={residency.until} />
          </>
        )}
      </span>
      {mayWrite && residency.state === "current" && residency.role !== "staff" && !props.isRemoved ? (
        <HomeEnding residency={residency} />
      ) : null}
      {mayWrite && residency.state === "current" && residency.role === "staff" && !props.isRemoved ? (
        <StopWorking residency={residency} />
      ) : null}
    </li>
  );
}

/** Staff leave without being asked: they have no home here. */
function StopWorking(props: { residency: Residency }) {
  const { t } = useTranslation();
  const { id } = props.residency;
  const moveOut = useChange(() =>
    call(residencyEndpoints.moveOut, { params: { id }, body: {}, reason: { code: "move-out" } }),
  );
  return (
    <Button loading={moveOut.isPending} onClick={() => moveOut.mutate(undefined)}>
      {t("people.moveOut")}
    </Button>
  );
}
