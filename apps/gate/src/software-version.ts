/** Version of this program, as hellos, the journal and the status page name it. */
export const SOFTWARE_VERSION = "0.1.0";
