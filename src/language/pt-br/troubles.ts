import type { CallTroubles, Troubles } from '../remedies.ts';

export const TROUBLES: Troubles = {
  clientCertificateWanted: {
    detail: 'o gateway exige um certificado de cliente',
    remedy: 'Defina tls.certFile e tls.keyFile da conta com um certificado de cliente que o gateway aceite.',
  },
  clientCertificateRefused: {
    detail: 'o gateway recusa o certificado de cliente',
    remedy:
      'tls.certFile pode ter vencido, ou o gateway não confia em quem o assinou: peça um novo certificado de cliente para este gateway.',
  },
  handshakeRefused: {
    detail: 'o gateway recusa o início da conexão TLS',
    remedy:
      'Se o gateway exige um certificado de cliente, defina tls.certFile e tls.keyFile com um que ele aceite. Se não exige, ele não tem nenhuma cifra em comum com esta máquina: renove a configuração TLS dele.',
  },
  endedAfterHandshake: {
    detail: 'o gateway encerrou a conexão logo depois do início do TLS',
    remedy:
      'O mais provável é que ele não aceite o nosso certificado de cliente, ou exija um: defina tls.certFile e tls.keyFile com um certificado válido e em que o gateway confie. O log dele pode dizer mais.',
  },
  cutInHandshake: {
    detail: 'a conexão caiu durante o início do TLS',
    remedy:
      'Verifique a rede, os proxies no caminho e se o gateway está no ar. Alguns gateways encerram conexões assim quando exigem um certificado de cliente (tls.certFile e tls.keyFile) ou não o aceitam.',
  },
  oldProtocol: {
    detail: 'o TLS do gateway é antigo demais',
    remedy:
      'Faça o gateway, ou o que termina o TLS na frente dele, oferecer TLS 1.2 ou 1.3 com chaves e cifras atuais.',
  },
  onlyHttp2: {
    detail: 'o gateway só fala HTTP/2',
    remedy: 'Permita HTTP/1.1 no gateway ou no proxy na frente dele: o watchdog não fala HTTP/2.',
  },
  noTls: {
    detail: 'esta porta não fala TLS',
    remedy: 'Escreva em baseUrl a porta em que o gateway fala https; ou http:// se não houver.',
  },
  onlyTls: {
    detail: 'esta porta fala TLS',
    remedy: 'Escreva https:// em baseUrl, ou a porta em que o gateway fala http.',
  },
  unknownHostName: {
    detail: 'o gateway não conhece um servidor com este nome',
    remedy: 'Escreva em baseUrl o nome com que o gateway foi configurado.',
  },
  selfSigned: {
    detail: 'o certificado do gateway é autoassinado',
    remedy: 'Se for o certo, salve-o como arquivo PEM e aponte tls.caFile para ele.',
  },
  unknownAuthority: {
    detail: 'o certificado do gateway vem de uma autoridade em que esta máquina não confia',
    remedy:
      'Aponte tls.caFile para o certificado dessa autoridade; uma rede que inspeciona TLS tem uma própria. Se a autoridade é das usuais, faça o gateway enviar também os certificados intermediários (fullchain.pem).',
  },
  wrongName: {
    detail: 'o certificado do gateway é de outro nome',
    remedy: 'Escreva em baseUrl o nome que está no certificado, ou peça um certificado para este.',
  },
  expired: {
    detail: 'o certificado do gateway venceu',
    remedy: 'Renove o certificado do gateway. Se ele ainda vale, acerte o relógio desta máquina.',
  },
  notYetValid: {
    detail: 'o certificado do gateway ainda não vale',
    remedy: 'O mais provável é que o relógio desta máquina esteja errado: acerte-o e deixe o NTP cuidar dele.',
  },
  revoked: {
    detail: 'o certificado do gateway foi revogado',
    remedy: 'Peça um novo certificado para o gateway.',
  },
  redirected: {
    detail: 'redirecionamentos não são seguidos',
    remedy:
      'Escreva em baseUrl o endereço para onde o redirecionamento leva (muitas vezes https:// no lugar de http://, ou outro servidor). Se leva a uma página de login, faça com que o watchdog possa passar.',
  },
  badRequest: {
    detail: 'o gateway não aceita a requisição',
    remedy:
      'Veja o que ele diz. Verifique baseUrl com o caminho, o username da conta e o phoneNumberId: eles formam o endereço que é verificado.',
  },
  wrongMethod: {
    detail: 'nada aceita um GET nesse endereço',
    remedy: 'Verifique baseUrl e o caminho: o gateway não tem rota de verificação nesse endereço.',
  },
  noRoute: {
    detail: 'o gateway não tem essa rota',
    remedy: 'Verifique baseUrl e o caminho: o gateway está lá, mas não tem as rotas deste perfil.',
  },
  payment: {
    detail: 'o gateway quer ser pago',
    remedy: 'O plano no provedor do gateway acabou ou não foi pago: renove-o lá.',
  },
  proxyLogin: {
    detail: 'um proxy pede login',
    remedy:
      'Um proxy no caminho até o gateway pede usuário e senha: coloque-os no endereço do proxy, ou faça com que ele deixe o watchdog passar.',
  },
  noProxy: {
    detail: 'sem conexão com o proxy',
    remedy:
      'Verifique o endereço do proxy (`proxy` da conta, ou as variáveis HTTP_PROXY e HTTPS_PROXY) e se ele está no ar. NO_PROXY, ou proxy: direct, passa por fora dele.',
  },
  noTunnel: {
    detail: 'o proxy não dá caminho até o gateway',
    remedy:
      'O proxy não permite o servidor ou a porta de baseUrl, ou não o alcança: veja o log dele. NO_PROXY, ou proxy: direct, passa por fora dele.',
  },
  legal: {
    detail: 'o endereço está bloqueado por razões legais',
    remedy: 'Alguém no caminho é obrigado a bloquear este endereço: pergunte ao provedor do gateway e ao da sua rede.',
  },
  challenge: {
    detail: 'um teste contra robôs está no caminho',
    remedy:
      'Uma proteção contra robôs quer um navegador, e o watchdog não é um: libere nela o endereço dele, ou o caminho do gateway.',
  },
  proxyAlone: {
    detail: 'um proxy não alcança o gateway',
    remedy: 'O proxy na frente do gateway responde sozinho: verifique se o gateway atrás dele está no ar.',
  },
  empty: {
    detail: 'a resposta está vazia',
    remedy: 'Algo responde sem dizer nada: verifique baseUrl e o caminho, e o log do gateway.',
  },
  tooLong: {
    detail: 'a resposta é mais longa que',
    remedy:
      'A resposta sobre uma instância é curta: verifique baseUrl e o caminho, e faça o gateway deixar de fora o que é grande, como imagens de QR code.',
  },
  noText: {
    detail: 'a resposta não é texto',
    remedy:
      'A resposta vem comprimida ou codificada de um jeito que não foi pedido: desligue isso no gateway ou no proxy na frente dele.',
  },
  cutOff: {
    detail: 'a resposta não é JSON válido',
    remedy: 'O JSON da resposta está quebrado ou cortado: verifique o log do gateway e os proxies no caminho.',
  },
  contradiction: {
    detail: 'o status contradiz o corpo',
    remedy: 'O gateway diz duas coisas ao mesmo tempo, e nada se conclui: verifique a instância lá e o log dele.',
  },
  stateVanished: {
    detail: 'a resposta não traz estado de conexão, e as anteriores desta conta traziam',
    remedy: 'O gateway deixou de dizer como está esta instância: verifique lá se ela ainda existe e se foi iniciada.',
  },
  nameServers: {
    detail: 'nenhum servidor DNS respondeu',
    remedy: 'Verifique os servidores DNS desta máquina (/etc/resolv.conf) e a rede até eles.',
  },
  longHead: {
    detail: 'o cabeçalho da resposta tem mais de 16 KiB',
    remedy:
      'Algo acrescenta cabeçalhos grandes, provavelmente cookies: veja a resposta com curl -i e faça o gateway, ou o proxy na frente dele, deixá-los fora.',
  },
  oddHead: {
    detail: 'o cabeçalho da resposta se contradiz',
    remedy:
      'O gateway, ou um proxy na frente dele, envia dois comprimentos diferentes ou cabeçalhos inválidos: veja a resposta com curl -i e corrija-o ou atualize-o.',
  },
  undecodable: {
    detail: 'a resposta está comprimida e não pode ser descomprimida',
    remedy: 'Faça o gateway, ou o proxy na frente dele, enviar as respostas sem compressão, como a verificação pede.',
  },
  cached: {
    detail: 'um cache no caminho respondeu',
    remedy:
      'As respostas dele são antigas, embora as verificações peçam novas (Cache-Control: no-cache). Exclua os caminhos do gateway desse cache (um proxy ou uma CDN).',
  },
};

export const CALL_TROUBLES: CallTroubles = {
  within: 'em',
  noAnswer: 'nenhuma resposta',
  notComplete: 'a resposta não ficou completa',
  unresolved: 'o nome do servidor não pôde ser resolvido',
  refused: 'conexão recusada',
  noRoute: 'não há rota até o gateway',
  brokeOff: 'a conexão caiu',
  noConnectionInTime: 'nenhuma conexão a tempo',
  noConnection: 'nenhuma conexão',
  givenUp: 'a chamada foi abandonada',
  notTrusted: 'nenhuma conexão TLS confiável',
  noResource: 'esta máquina não consegue abrir conexões',
  notHttp: 'a resposta não é HTTP válido',
  closing: 'o watchdog está encerrando',
  unforeseen: 'erro imprevisto',
};
