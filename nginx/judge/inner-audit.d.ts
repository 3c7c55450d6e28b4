// `inner:audit`, as the build puts it into the parts that judge tokens: a function whose body is the whole part; it is opened once.
import type { AuditPart } from './parts';

export function openAudit(host: { audit: AuditPart | undefined }): AuditPart;
