/** Of messages to people, what does not depend on what they are about. */
export const MESSAGE_PARTS = {
  name: 'Name',
  number: 'Number',
  account: 'Account',
  labels: 'Labels',
  cause: 'Cause',
  remedy: 'What to do',
  next: 'The watchdog',
  lasts: (amount: string) => `So for ${amount}.`,
  lasted: (amount: string) => `It lasted ${amount}.`,
  more: (count: string) => `and ${count} more`,
  instances: (count: string) => `${count} instances`,
  times: (count: string) => `${count} times`,
  test: {
    heading: 'Test',
    text: 'This is a test of the notifications of smileapi-watchdog. Nothing is wrong. Real messages look like this one.',
  },
};
