CREATE TABLE `_source_info__channel` (
  `id` int(11) NOT NULL COMMENT 'source id',
  `channel` smallint(6) NOT NULL COMMENT ':int16:channel number',
  `data` longblob NOT NULL COMMENT ':<blob>:array',
  PRIMARY KEY (`id`,`channel`),
  CONSTRAINT `_source_info__channel_ibfk_1` FOREIGN KEY (`id`) REFERENCES `_source_info` (`id`) ON UPDATE CASCADE
) ENGINE=InnoDB COMMENT='part of imported'
