import type { Remedies } from '../remedies.ts';

export const REMEDIES: Remedies = {
  connected: null,
  responding: null,
  silent:
    'Está conectada, mas nada passa por ela: mande uma mensagem a ela de outro celular. Se não chegar, reinicie-a. Se chegar, verifique se o webhook do gateway, ou o seu bot, ainda avisa o watchdog das mensagens.',
  connecting: null,
  disconnected: null,
  stuck_connecting: null,
  timeout: 'O gateway não responde a tempo: verifique a rede, o firewall e se o gateway está no ar.',
  refused: 'Nada aceita conexões nesse endereço: verifique baseUrl, o firewall e se o gateway está no ar.',
  reset:
    'Algo corta a conexão: verifique a rede, os proxies no caminho, se baseUrl deveria começar com https e se o gateway está no ar.',
  dns: 'O nome do servidor do gateway não é encontrado: verifique baseUrl e os servidores DNS desta máquina.',
  tls: 'Não há conexão TLS confiável: verifique baseUrl, o certificado do gateway e a chave tls da conta.',
  server_error: 'O gateway informa uma falha dele mesmo: veja o log dele e a página de status do provedor.',
  conflict:
    'A sessão está aberta em outro lugar: outro programa ou aparelho usa este número. Feche-a lá; um reinício só a toma de volta por um momento.',
  stopped:
    'A sessão foi parada no gateway. Se foi de propósito, pause a instância ou use enabled: false; se não, inicie-a lá.',
  unauthorized:
    'O token está errado ou venceu: crie um novo no painel do gateway da conta e atualize token ou tokenFile. Se o gateway fala de plano ou pagamento, renove-o.',
  not_found: 'O gateway não conhece esta instância: verifique o phoneNumberId dela e o username da conta.',
  pairing_required: 'O WhatsApp desvinculou este número: abra o gateway e leia o QR code de novo com o celular dele.',
  banned: 'O WhatsApp bloqueou este número: peça a revisão no celular dele. Reinícios não ajudam.',
  restart_unsupported: 'O gateway recusa a rota de reinício: verifique restartMethod e baseUrl da conta.',
  rate_limited: 'O gateway pede menos requisições: reduza limits.requestsPerSecond ou aumente probe.every.',
  unknown_state:
    'A resposta não traz um estado de conexão conhecido: defina statePath ou inclua a palavra em stateWords.',
  unreadable: 'A resposta não pode ser lida: verifique baseUrl, o log do gateway e os proxies no caminho.',
  not_the_gateway:
    'Algo na frente do gateway responde no lugar dele (um proxy, uma página de login ou de manutenção): verifique baseUrl e o proxy, ou faça login lá.',
  own_network: 'Esta máquina não consegue abrir conexões: verifique a rede e o limite de arquivos abertos dela.',
  stalled: 'Esta máquina ficou parada durante a verificação: dê mais CPU a ela, ou não a deixe ser suspensa.',
  aborted: null,
};
