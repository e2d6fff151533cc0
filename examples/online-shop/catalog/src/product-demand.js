// The slice ProductDemand: whether an order wants a product. Its commands come from
// another plugin, which nobody waits for, so it never refuses; repeats are dropped.
import { accept, nothing } from './answers.js';

const RECORDED = 'ProductDemandRecorded';
const REVOKED = 'ProductDemandRevoked';

const leadsTo = { RecordDemand: RECORDED, RevokeDemand: REVOKED };

// Without any event there is no demand, as after the last one was revoked. An order
// that was cancelled and reopened counts again.
export const decide = ({ type, data: { productId, orderId } }, history) => {
  const state = history.at(-1)?.type ?? REVOKED;
  return state === leadsTo[type] ? nothing() : accept({ type: leadsTo[type], data: { productId, orderId } });
};
