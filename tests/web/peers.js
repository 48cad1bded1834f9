// The far end of a Peer, in the page itself; and a network whose numbers a test sets.
window.network = null;
const realStats = RTCPeerConnection.prototype.getStats;
RTCPeerConnection.prototype.getStats = async function (...rest) {
  const report = await realStats.apply(this, rest);
  if (!window.network) return report;
  const changed = new Map();
  report.forEach((stat, id) => {
    const more = {};
    if (stat.type === 'candidate-pair') more.availableOutgoingBitrate = window.network.available;
    if (stat.type === 'remote-inbound-rtp') more.fractionLost = window.network.loss ?? 0;
    changed.set(id, { ...stat, ...more });
  });
  return changed;
};
const RealConnection = RTCPeerConnection;
window.connections = [];
window.RTCPeerConnection = class extends RealConnection {
  constructor(...rest) {
    super(...rest);
    window.connections.push(this);
  }
};

window.gathered = (connection) =>
  new Promise((resolve) => {
    const look = () => connection.iceGatheringState === 'complete' && resolve();
    connection.addEventListener('icegatheringstatechange', look);
    look();
  });

window.answerTo = async (far, sdp) => {
  await far.setRemoteDescription({ type: 'offer', sdp });
  for (const transceiver of far.getTransceivers()) transceiver.direction = 'sendrecv';
  await far.setLocalDescription(await far.createAnswer());
  await window.gathered(far);
  return far.localDescription.sdp;
};

window.until = async (claim, seconds = 20) => {
  const end = performance.now() + seconds * 1000;
  while (!(await claim())) {
    if (performance.now() > end) throw new Error(`not within ${seconds} s: ${claim}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

window.connect = async () => {
  const { Peer } = await import('/static/peer.js');
  const picture = async () =>
    (await navigator.mediaDevices.getUserMedia({
      video: { width: 640, height: 360, frameRate: 20 },
      audio: true,
    })).getTracks();
  const [microphone, camera] = await picture();
  const peer = new Peer({ camera, microphone });
  const said = [];
  for (const event of ['restart', 'failed']) peer.addEventListener(event, () => said.push(event));
  const near = window.connections.at(-1);
  const far = new RTCPeerConnection();
  for (const track of await picture()) far.addTrack(track);
  const pictures = document.createElement('video');
  pictures.muted = true;
  far.ontrack = ({ track }) => {
    if (track.kind !== 'video') return;
    pictures.srcObject = new MediaStream([track]);
    void pictures.play();
  };
  const taken = await peer.answer(await window.answerTo(far, await peer.offer()));
  await window.until(() => peer.connected && pictures.videoHeight > 0);
  const sender = (kind) => near.getSenders().find(({ track }) => track?.kind === kind);
  window.call = { peer, near, far, pictures, said, taken, camera, microphone, sender };
};
