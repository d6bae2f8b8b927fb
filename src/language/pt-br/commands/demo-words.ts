import type { CliWords } from '../../cli-words.ts';

/** By the names of the instances. */
const STORIES: Readonly<Record<string, string>> = {
  reception: 'nunca falha',
  support: 'perde a conexão; o primeiro reinício a recupera',
  sales: 'perde a conexão; precisa de dez segundos depois do reinício',
  billing: 'o primeiro reinício é aceito e não faz nada; o segundo a recupera',
  warehouse: 'não volta mais: os reinícios são aceitos e nunca ajudam',
  hotel: 'o gateway responde aos reinícios com 200 e "error": true',
  delivery: 'fica em connecting até contar como presa; um reinício a recupera',
  bakery: 'oscila: cada reinício a recupera, e segundos depois ela cai de novo',
  marketing: 'o celular é desconectado; alguém lê o QR code meio minuto depois',
  outlet: 'é bloqueada pelo WhatsApp',
  archive: 'é apagada no gateway: not found',
  pharmacy: 'recebe limite de pedidos por um tempo, o que não quer dizer que caiu',
  clinic: 'o gateway falha com 500 para ela; um reinício a recupera',
  school: 'cai por dois segundos e volta sozinha',
};

export const DEMO_WORDS: CliWords['demo'] = {
  intro: (gateway, url, page, token) =>
    `Um gateway simulado (${gateway}) em ${url}, e o daemon recuperando as instâncias dele.\n` +
    `Página de status: ${page}/ (token para os botões: ${token})\n` +
    `Métricas: ${page}/metrics   API: ${page}/api/v1/instances`,
  progress: (begun, all, seconds) => `${begun} de ${all} histórias começadas, ${seconds} s`,
  script: (story) => `roteiro: ${story}`,
  story: (name, story) => STORIES[name] ?? story,
  after: (seconds) => `Depois de ${seconds} segundos:`,
  healthy: (healthy, of, probes, restarts) =>
    `${healthy} de ${of} estão saudáveis; o gateway contou ${probes} verificações e ${restarts} reinícios.`,
  storiesShow: '`smileapi-watchdog demo --stories` mostra o que devia acontecer com cada uma.',
  keepsRunning: (url) => `O daemon continua rodando: abra ${url}/, e pare com Ctrl-C.`,
  needsHuman: (cause) => `precisa de alguém: ${cause}`,
  exhausted: (restarts) => `${restarts} reinícios não ajudaram: olhe o celular dela`,
  columns: { lasts: 'HÁ', restarts: 'REINÍCIOS', story: 'A HISTÓRIA DELA', now: 'E AGORA' },
};
