import type { CommunityPorts } from "./devices/controls.ts";

/** The starter's side of the devices' endpoint. */
export interface DemoClient {
  /** The devices read what was noted of the community, and the gates' ways lead to its ports. */
  load(ports: CommunityPorts): Promise<void>;
  /** People begin to come and go. */
  begin(): Promise<void>;
}

export function makeDemoClient(url: string, token: string): DemoClient {
  const post = async (path: string, body?: unknown) => {
    const response = await fetch(new URL(path, url), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "error",
    });
    if (!response.ok) throw new Error(`the virtual devices refused ${path}: ${response.status}`);
  };
  return {
    load: (ports) => post("/load", ports),
    begin: () => post("/begin"),
  };
}
