/** The page that tests whether a device and its network can take part. */
export const check = {
  title: 'Test my connection',
  text: 'Takes about ten seconds. Nothing leaves this network.',
  again: 'Test again',
  running: 'testing…',
  good: 'Everything works. You can join.',
  fair: 'You can join. What is marked below may be slower or missing.',
  bad: 'This device can’t take part from this network.',
  names: {
    reach: 'The server answers',
    websocket: 'Live connection (WebSocket)',
    polling: 'Live connection without WebSocket (polling)',
    delay: 'Delay',
    storage: 'This device remembers your place',
    awake: 'The screen stays on',
  },
  results: {
    yes: 'yes',
    no: 'no',
    delay: (text: string) => `${text} there and back`,
    wsBlocked: 'blocked by this network; the other way is used',
    storageNo: 'no: reloading the page costs your place. Leave private mode if you can',
    awakeNo: 'this browser can’t do that here: keep touching the screen, or set it to stay on',
    noReach: 'no: is the address right, and is the device on the same network?',
  },
  copyTitle: 'For the person who runs the network',
  copyText: (host: string, port: string) =>
    `Quorum Call needs HTTP and WebSocket (Upgrade: websocket) to ${host}, TCP port ${port}, path /socket.io/. ` +
    'Devices must be able to reach that address: client isolation on the access point prevents it. ' +
    'No other host is contacted.',
} as const;
