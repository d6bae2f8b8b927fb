/** A smaller fleet may lose any part of it: there, one number more or less is a large part. */
const FEWEST_TO_SHRINK = 10;

/** Whether a list has lost so much that it is probably an accident, such as a list that was cut off: more than half of ten or more. */
export function isLikelyAccident(lost: number, of: number): boolean {
  return of >= FEWEST_TO_SHRINK && lost * 2 > of;
}
